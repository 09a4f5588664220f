import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { localRunStore } from './local-run-store.ts';
import type { RunStore } from './run-store.ts';
import { tailOffset } from './tail-offset.ts';

let folder: string;
let runs: RunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-tail-'));
  runs = localRunStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const output = { run: 'run', node: 0 };
async function tail(text: string, lines: number): Promise<string> {
  await runs.writeOutput(output, 0, Buffer.from(text));
  return Buffer.from(text)
    .subarray(await tailOffset(runs, output, lines))
    .toString();
}

it.each([
  ['one\ntwo\nthree\n', 2, 'two\nthree\n'],
  ['one\ntwo\nthree', 2, 'two\nthree'],
  ['one\n\n\n', 2, '\n\n'],
  ['one\n', 5, 'one\n'],
  ['one\ntwo\n', 0, ''],
  ['', 3, ''],
])('tailOffset of %j and %d lines is where %j begins', async (text, lines, expected) => {
  expect(await tail(text, lines)).toBe(expected);
});

it('tailOffset reads further back for lines that are longer than its first window', async () => {
  const long = `${'x'.repeat(100_000)}\n`;
  expect(await tail(`first\n${long}${long}last\n`, 3)).toBe(`${long}${long}last\n`);
});
