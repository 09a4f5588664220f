import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRunStore, type RunStore, RunStoreError, sinceOffset } from '@gpu-clouds/jobs';
import { timesOf } from '@gpu-clouds/jobs/worker';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OutputTimes } from './output-times.ts';
import { StoredOutput } from './stored-output.ts';

let folder: string;
let runs: RunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
  runs = localRunStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const output = { run: 'run', node: 0 };
const begin = 100;

/** A worker that stores lines at these seconds, behind what another one stored. */
async function worker(store: RunStore, ...seconds: readonly number[]): Promise<void> {
  let now = 0;
  const times = await OutputTimes.resume(store, output, () => now);
  const before = Math.max(0, (await store.outputSize(output)) - begin);
  const stored = await StoredOutput.resume({ runs: store, output, begin, secrets: [], times }, before);
  for (const second of seconds) {
    now = second * 1000;
    await stored.append(Buffer.from(`${second}\n`));
  }
  await stored.end();
}

async function since(second: number): Promise<string> {
  const offset = await sinceOffset(runs, output, new Date(second * 1000));
  const pieces: Uint8Array[] = [];
  for await (const piece of runs.readOutput(output, offset ?? 0)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

it('output that two workers store is found by its time, with a mark in ten seconds at most', async () => {
  await worker(runs, 20, 21, 22, 40);
  await worker(runs, 60);
  expect([await since(40), await since(50), await since(70)]).toEqual(['40\n60\n', '60\n', '']);
  const marks: Uint8Array[] = [];
  for await (const piece of runs.readOutput(timesOf(output), 0)) marks.push(piece);
  expect(Buffer.concat(marks).toString()).toBe('\n[20000,100]\n[40000,109]\n[60000,112]');
});

it('a mark that cannot be stored is made up for by the next write, and the output does not notice', async () => {
  let failures = 1;
  const writeOutput: RunStore['writeOutput'] = (record, ...write) => {
    if (record.record === 'times' && failures-- > 0) return Promise.reject(new RunStoreError('no answer'));
    return runs.writeOutput(record, ...write);
  };
  await worker({ ...runs, writeOutput }, 20, 21);
  expect(await since(0)).toBe('21\n');
  expect((await runs.outputSize(output)) - begin).toBe('20\n21\n'.length);
});
