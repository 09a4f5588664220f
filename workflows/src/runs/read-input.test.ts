import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { localRunStore, type RunStore, uploadInputs } from '@gpu-clouds/jobs';
import { bytesOf, content } from '@gpu-clouds/jobs/test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readInput } from './read-input.ts';

let folder: string;
let runs: RunStore;
let id: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-input-'));
  runs = localRunStore(join(folder, 'runs'));
  await writeFile(join(folder, 'in.txt'), 'content of the file');
  id = await uploadInputs(runs, join(folder, 'in.txt'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function* piece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

it('readInput yields the uncompressed archive', async () => {
  const archive = await bytesOf(readInput(runs, id));
  expect(archive.toString('latin1')).toContain('content of the file');
  expect(archive.byteLength % 512).toBe(0);
});

it.each([
  ['is not compressed', () => content('plain')],
  ['was cut off', () => piece(gzipSync('whole').subarray(0, 15))],
  ['is another one than its id says', () => piece(gzipSync('other'))],
])('readInput fails for good if an input %s', async (_what, stored) => {
  const other = 'cd'.repeat(32);
  await runs.inputs.put(other, stored());
  await expect(bytesOf(readInput(runs, other))).rejects.toMatchObject({
    name: 'RunStoreError',
    lasting: true,
    message: expect.stringContaining(`The input ${other} is damaged`),
  });
});

it('readInput fails for good if there is no such input', async () => {
  await expect(bytesOf(readInput(runs, 'ef'.repeat(32)))).rejects.toMatchObject({
    name: 'RunStoreError',
    lasting: true,
  });
});
