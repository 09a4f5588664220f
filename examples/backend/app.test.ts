import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { localRunStore, parseJob, type RunStore } from '@gpu-clouds/jobs';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createApp } from './app.ts';
import { Trainings } from './trainings.ts';

const megabyte = Buffer.alloc(1024 * 1024, 'x');
let folder: string;
let runs: RunStore;
/** Reads of the run store that have begun and not ended. */
let reading: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-backend-'));
  reading = 0;
  const local = localRunStore(folder);
  const counted = async function* (pieces: AsyncIterable<Uint8Array>) {
    reading += 1;
    try {
      yield* pieces;
    } finally {
      reading -= 1;
    }
  };
  runs = {
    ...local,
    readOutput: (output, from) => counted(local.readOutput(output, from)),
    readFile: (run, path) => counted(local.readFile(run, path)),
  };
  await runs.writeOutput({ run: 'a', node: 0 }, 0, megabyte);
  await runs.putFile('a', 'outputs/model.bin', counted(Readable.from([megabyte])));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** Returns the application with one user, who has one training that has ended. */
async function appOf(store: RunStore) {
  const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
  const jobFile = join(import.meta.dirname, 'training.yaml');
  const job = parseJob(await readFile(jobFile, 'utf8'), jobFile);
  const trainings = new Trainings({ client, runs: store, job, fleet: 'test' });
  const training = { id: 'a', state: 'succeeded', ended: true, startedAt: '2026-11-29T00:00:00Z', elapsedSeconds: 1 };
  const shown = { ...training, dollars: 0, exitCode: 0, message: undefined };
  vi.spyOn(trainings, 'find').mockImplementation(async (_, id) => (id === 'a' ? shown : undefined));
  const key = {
    name: 'ada',
    keySha256: '2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683',
    dollarsPerDay: 1,
  };
  return createApp({ client, runs: store, trainings, users: [key] });
}
const headers = { authorization: 'Bearer key' };

test.each([
  ['/trainings/a/output', null],
  ['/trainings/a/artifacts/model.bin', String(megabyte.length)],
])('HEAD of %s opens nothing that stays open, and GET has the whole', async (path, length) => {
  const app = await appOf(runs);
  const head = await app.request(path, { method: 'HEAD', headers });
  expect([head.status, head.headers.get('content-length'), head.body]).toEqual([200, length, null]);
  expect(reading).toBe(0);
  expect(await (await app.request(path, { headers })).text()).toBe(megabyte.toString());
  expect(reading).toBe(0);
});

test('an artifact whose name is too long for a disk is not found', async () => {
  const app = await appOf(runs);
  const answer = await app.request(`/trainings/a/artifacts/${'x'.repeat(300)}`, { headers });
  expect([answer.status, await answer.json()]).toEqual([404, { message: 'The training has no such file.' }]);
});

test('a body that is too large is refused with a sentence', async () => {
  const app = await appOf(runs);
  const answer = await app.request('/trainings', { method: 'POST', headers, body: 'x'.repeat(70_000) });
  expect([answer.status, await answer.json()]).toEqual([413, { message: 'The body is larger than 64 KiB.' }]);
});
