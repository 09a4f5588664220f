import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { localRunStore } from './local-run-store.ts';
import { type OutputMark, outputMarkLine, outputMarkMs, sinceOffset, timesOf } from './output-times.ts';
import type { RunStore } from './run-store.ts';

let folder: string;
let runs: RunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-times-'));
  runs = localRunStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const output = { run: 'run', node: 1, attempt: 2 };
const minute = 60_000;
const text = 'one\ntwo\nthree\nfour\n';
/** `one` and `two` in the first minute, `three` in the second, and `four` in the tenth. */
const marks = [
  { at: minute, offset: 0 },
  { at: 2 * minute, offset: 8 },
  { at: 10 * minute, offset: 14 },
];

async function store(all: readonly OutputMark[], lines = all.map(outputMarkLine)): Promise<void> {
  await runs.writeOutput(output, 0, Buffer.from(text));
  await runs.writeOutput(timesOf(output), 0, Buffer.from(lines.join('')));
}

async function since(at: number): Promise<string | undefined> {
  const offset = await sinceOffset(runs, output, new Date(at));
  return offset === undefined ? undefined : text.slice(offset);
}

it.each([
  ['before the start', 0, text],
  ['the first minute', minute, text],
  ['between two marks', 1.5 * minute, 'three\nfour\n'],
  ['the second minute', 2 * minute, 'three\nfour\n'],
  ['a silence', 5 * minute, 'four\n'],
  ['shortly after the last mark, when output may have followed it', 10 * minute + outputMarkMs - 1, 'four\n'],
  ['after the end', 10 * minute + outputMarkMs, ''],
])('the output since %s is what arrived from then on', async (_when, at, expected) => {
  await store(marks);
  expect(await since(at)).toBe(expected);
});

it('output without marks, as an older worker writes it, has no known times', async () => {
  await runs.writeOutput(output, 0, Buffer.from(text));
  expect(await since(0)).toBeUndefined();
});

it('output since a moment begins with a whole line', async () => {
  await store([
    { at: minute, offset: 0 },
    { at: 2 * minute, offset: 10 },
  ]);
  expect(await since(2 * minute)).toBe('three\nfour\n');
});

it('a run that was reset writes its output again, and all of that is new', async () => {
  await store([...marks, { at: 12 * minute, offset: 0 }]);
  expect(await since(11 * minute)).toBe(text);
});

it('a damaged mark is skipped', async () => {
  await store(marks, ['\n[1', ...marks.map(outputMarkLine), '\n[660000,-4]', '\n[660000,']);
  expect(await since(5 * minute)).toBe('four\n');
});
