import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { localRuns } from './local-runs.ts';
import { readOutput } from './read-output.ts';
import type { RunStore } from './run-store.ts';

let folder: string;
let runs: RunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-runs-'));
  runs = localRuns(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function textOf(run: string, from = 0): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readOutput(runs, run, { from })) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

it('writing the same output twice keeps it once', async () => {
  await runs.writeOutput('run', 0, Buffer.from('01234'));
  await runs.writeOutput('run', 5, Buffer.from('56789'));
  await runs.writeOutput('run', 3, Buffer.from('34567'));
  expect([await textOf('run'), await runs.outputSize('run')]).toEqual(['0123456789', 10]);
});

it('a run without output is empty', async () => {
  expect([await textOf('none'), await runs.outputSize('none')]).toEqual(['', 0]);
});

it('reading begins where it is told to', async () => {
  await runs.writeOutput('run', 0, Buffer.from('0123456789'));
  expect(await textOf('run', 7)).toBe('789');
});

it('an id that leads out of the folder is refused', async () => {
  expect(() => runs.outputsFolder('../other')).toThrow(RangeError);
});

it('following yields what comes, and what was written before the end even after it', async () => {
  const ended = new AbortController();
  const following = readOutput(runs, 'run', { followUntil: ended.signal });
  const first = following.next();
  await runs.writeOutput('run', 0, Buffer.from('early '));
  expect(Buffer.from((await first).value ?? []).toString()).toBe('early ');
  await runs.writeOutput('run', 6, Buffer.from('late'));
  ended.abort();
  expect(Buffer.from((await following.next()).value ?? []).toString()).toBe('late');
  expect((await following.next()).done).toBe(true);
});
