import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRunStore, type RunStore } from '@gpu-clouds/jobs';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clientOfRuns } from '../test/fake-temporal.ts';
import { followOutput, wholeCharacters } from './output.ts';

let folder: string;
let runs: RunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-output-'));
  runs = localRunStore(folder);
  await runs.writeOutput({ run: 'a', node: 0 }, 0, Buffer.alloc(1024 * 1024, 'x'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const request = { id: 'a', node: 0, attempt: 1 };

async function textsOf(pieces: readonly Uint8Array[], from = 0) {
  async function* given() {
    yield* pieces;
  }
  const texts: { text: string; offset: number }[] = [];
  for await (const text of wholeCharacters(given(), from)) texts.push(text);
  return texts;
}

it('no text ends inside a character, so that a reader can continue behind each', async () => {
  const bytes = Buffer.from('aé😀b');
  const pieces = [...bytes].map((byte) => Uint8Array.of(byte));
  expect(await textsOf(pieces, 10)).toEqual([
    { text: 'a', offset: 11 },
    { text: 'é', offset: 13 },
    { text: '😀', offset: 17 },
    { text: 'b', offset: 18 },
  ]);
});

it('bytes that are no text are shown as such, and the offset counts them', async () => {
  expect(await textsOf([Uint8Array.of(0xff), Uint8Array.of(0x80, 0x41)])).toEqual([
    { text: '\ufffd\ufffdA', offset: 3 },
  ]);
  expect(await textsOf([Uint8Array.of(0x41, 0xf0, 0x9f)])).toEqual([
    { text: 'A', offset: 1 },
    { text: '\ufffd', offset: 3 },
  ]);
});

it('output ends at once when its reader leaves, without the rest of what is stored', async () => {
  const left = new AbortController();
  const texts = followOutput({ client: clientOfRuns('test'), runs }, request, left.signal);
  expect((await texts.next()).value).toMatchObject({ text: expect.stringContaining('x') });
  left.abort();
  expect(await texts.next()).toEqual({ done: true, value: undefined });
});

it('output that is read when Temporal fails ends with the error, and the process goes on', async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const describe = vi.fn(() => Promise.reject(new Error('Temporal fails.')));
  const client = new Client({ connection, interceptors: { workflow: [{ describe }] } });
  const unhandled = vi.fn();
  process.prependListener('unhandledRejection', unhandled);
  await runs.writeOutput({ run: 'b', node: 0 }, 0, Buffer.from('x'));
  const texts = followOutput({ client, runs }, { ...request, id: 'b' }, new AbortController().signal);
  await texts.next();
  await vi.waitUntil(() => describe.mock.settledResults[0]?.type === 'rejected');
  await new Promise((resolve) => setImmediate(resolve));
  await expect(texts.next()).rejects.toThrow('Temporal fails.');
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
