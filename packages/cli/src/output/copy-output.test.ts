import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRunStore, type RunStore } from '@gpu-clouds/jobs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { copyOutput, withNodes } from './copy-output.ts';

let folder: string;
let runs: RunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-output-'));
  runs = localRunStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (node: number, text: string | Uint8Array) =>
  runs.writeOutput({ run: 'run', node }, 0, typeof text === 'string' ? Buffer.from(text) : text);

async function shown(nodes: number): Promise<string> {
  return (await bytesShown(nodes)).toString();
}

async function bytesShown(nodes: number): Promise<Buffer> {
  let all = Buffer.alloc(0);
  await copyOutput(
    runs,
    'run',
    Array.from({ length: nodes }, (_, node) => node),
    withNodes(nodes, (bytes) => {
      all = Buffer.concat([all, bytes]);
    }),
  );
  return all;
}

it('copyOutput leaves the output of a single node unchanged', async () => {
  await write(0, 'one\n  two');
  expect(await shown(1)).toBe('one\n  two');
});

it('copyOutput prefixes each line with its node when a run has several nodes, including an unfinished last line', async () => {
  await write(0, 'one\n\ntwo\n');
  await write(1, 'three\nfour');
  expect((await shown(2)).split('\n').toSorted()).toEqual(['', '[0] ', '[0] one', '[0] two', '[1] four', '[1] three']);
});

it('copyOutput copies bytes that are not text unchanged', async () => {
  const bytes = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));
  await write(0, bytes);
  expect((await bytesShown(1)).equals(bytes)).toBe(true);
  await write(1, Buffer.of(0xff, 0x0a));
  expect((await bytesShown(2)).includes(Buffer.from([0x5b, 0x31, 0x5d, 0x20, 0xff, 0x0a]))).toBe(true);
});

it('copyOutput shows each state of a progress bar of several nodes', async () => {
  await write(0, '10%\r20%\r');
  await write(1, 'x\n');
  const all = await shown(2);
  expect([all.length, all.includes('[0] 10%\r20%\r'), all.includes('[1] x\n')]).toEqual([18, true, true]);
});

it('copyOutput ends the line of one of several nodes that writes nothing more for a second', async () => {
  const pieces: string[] = [];
  const over = new AbortController();
  const onOutput = withNodes(2, (bytes) => pieces.push(Buffer.from(bytes).toString()));
  const copied = copyOutput(runs, 'run', [0, 1], onOutput, { followUntil: over.signal });
  await write(0, 'Loading');
  await expect.poll(() => pieces).toEqual(['[0] Loading\n']);
  over.abort();
  await copied;
  expect(pieces).toHaveLength(1);
});
