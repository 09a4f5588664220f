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

const write = (node: number, text: string) => runs.writeOutput({ run: 'run', node }, 0, Buffer.from(text));

async function shown(nodes: number): Promise<string> {
  let all = '';
  await copyOutput(
    runs,
    'run',
    nodes,
    withNodes(nodes, (text) => {
      all += text;
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
