import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bytesOf } from '../../test/bytes-of.ts';
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

const only = { run: 'run', node: 0 };

async function textOf(run: string, from = 0): Promise<string> {
  return (await bytesOf(readOutput(runs, run, { from }))).toString();
}

it('writing the same output twice keeps it once', async () => {
  await runs.writeOutput(only, 0, Buffer.from('01234'));
  await runs.writeOutput(only, 5, Buffer.from('56789'));
  await runs.writeOutput(only, 3, Buffer.from('34567'));
  expect([await textOf('run'), await runs.outputSize(only)]).toEqual(['0123456789', 10]);
});

it('a run without output is empty', async () => {
  expect([await textOf('none'), await runs.outputSize({ run: 'none', node: 0 })]).toEqual(['', 0]);
});

it('reading begins where it is told to', async () => {
  await runs.writeOutput(only, 0, Buffer.from('0123456789'));
  expect(await textOf('run', 7)).toBe('789');
});

it('an id that leads out of the folder is refused', async () => {
  expect(() => runs.location('../other')).toThrow(RangeError);
});

it('following yields what comes, and what was written before the end even after it', async () => {
  const ended = new AbortController();
  const following = readOutput(runs, 'run', { followUntil: ended.signal });
  const first = following.next();
  await runs.writeOutput(only, 0, Buffer.from('early '));
  expect(Buffer.from((await first).value ?? []).toString()).toBe('early ');
  await runs.writeOutput(only, 6, Buffer.from('late'));
  ended.abort();
  expect(Buffer.from((await following.next()).value ?? []).toString()).toBe('late');
  expect((await following.next()).done).toBe(true);
});
