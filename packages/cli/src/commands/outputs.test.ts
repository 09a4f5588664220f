import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunStore } from '@gpu-clouds/jobs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { copyFile } from './outputs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-outputs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const { signal } = new AbortController();

function storeOf(readFile: RunStore['readFile']): Pick<RunStore, 'statFile' | 'readFile'> {
  return { statFile: async () => ({ size: 4, executable: false }), readFile };
}

it('an interrupt ends the copy of a large file', { timeout: 5000 }, async () => {
  const interrupt = new AbortController();
  let pieces = 0;
  const store = storeOf(async function* () {
    while (pieces < 1000) {
      pieces += 1;
      if (pieces === 3) interrupt.abort(new Error('Interrupted.'));
      yield Buffer.from('part');
    }
  });
  await expect(copyFile(store, 'run', 'a', join(folder, 'a'), interrupt)).rejects.toThrow('aborted');
  expect(pieces).toBeLessThan(10);
});

it('an interrupt between two files ends the copy', async () => {
  const store = storeOf(() => expect.unreachable());
  const interrupted = AbortSignal.abort(new Error('Interrupted.'));
  await expect(copyFile(store, 'run', 'a', join(folder, 'a'), { signal: interrupted })).rejects.toThrow('Interrupted.');
});

it('a file is not copied to a named pipe, where the process could wait for good', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const store = storeOf(() => expect.unreachable());
  await expect(copyFile(store, 'run', 'a', pipe, { signal })).rejects.toThrow(
    `${pipe} exists and is not a file. Remove it, or name another folder with --to.`,
  );
});

it.each(['', 'sub/'])('a file in place of the folder %sis an error with the next step', async (below) => {
  const taken = join(folder, 's.yaml');
  await writeFile(taken, '');
  const target = join(taken, below, 'out');
  await expect(
    copyFile(
      storeOf(() => expect.unreachable()),
      'run',
      'out',
      target,
      { signal },
    ),
  ).rejects.toThrow(
    /^Cannot write .+s\.yaml\/(sub\/)?out: a (part of the path is a file|file is in place of a folder)\. Name another folder/,
  );
});
