import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRunStore, type RunStore } from '@gpu-clouds/jobs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clientOfRuns } from '../test/fake-temporal.ts';
import { createApp } from './app.ts';
import { addToken, newToken, removeToken } from './tokens.ts';

const adminToken = newToken();
const output = '/api/runs/a/output';
let folder: string;
let runs: RunStore;
/** Reads of output that have begun and not ended. */
let reading: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-server-'));
  reading = 0;
  const local = localRunStore(folder);
  runs = {
    ...local,
    async *readOutput(...which) {
      reading += 1;
      try {
        yield* local.readOutput(...which);
      } finally {
        reading -= 1;
      }
    },
  };
  await local.writeOutput({ run: 'a', node: 0 }, 0, Buffer.alloc(1024 * 1024, 'x'));
  await local.putFile('a', 'outputs/model', pieces());
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

async function* pieces() {
  yield Buffer.alloc(1024 * 1024, 'm');
}

function app() {
  const offers = async () => ({ offers: [], notes: [] });
  const created = createApp({
    client: clientOfRuns('test'),
    fleet: 'test',
    runs,
    offers,
    adminToken,
    dashboard: folder,
  });
  return async (path: string, method = 'GET', token = adminToken) =>
    created.request(path, { method, headers: { host: 'localhost', authorization: `Bearer ${token}` } });
}

it('HEAD of output is answered as GET without a body, leaves nothing open, and uses up no stream of the token', async () => {
  const request = app();
  for (let count = 0; count < 60; count += 1) {
    const answer = await request(output, 'HEAD');
    expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([200, 'text/event-stream', null]);
  }
  await expect.poll(() => reading).toBe(0);
  const answer = await request(output);
  expect(answer.status).toBe(200);
  await answer.body?.cancel();
});

it('a token with the scope "read" may send HEAD, and HEAD of an artifact has its size', async () => {
  const token = await addToken(runs, 'screen', 'read');
  const answer = await app()('/api/runs/a/artifact?path=model', 'HEAD', token);
  expect([answer.status, answer.headers.get('content-length'), answer.body]).toEqual([200, '1048576', null]);
});

it('of many requests for output at the same time, 50 are answered, and the others once one of those has ended', async () => {
  const request = app();
  const answers = await Promise.all(Array.from({ length: 120 }, () => request(output)));
  const open = answers.filter(({ status }) => status === 200);
  expect(open).toHaveLength(50);
  const [refused] = answers.filter(({ status }) => status === 429);
  expect(await refused?.json()).toEqual({ message: expect.stringContaining('follows 50 outputs already') });
  for (const { body } of open) await body?.cancel();
  await expect.poll(() => reading).toBe(0);
  const again = await request(output);
  expect(again.status).toBe(200);
  await again.body?.cancel();
});

it('requests for output that are refused use up no stream of the token', async () => {
  const request = app();
  for (let count = 0; count < 60; count += 1) expect((await request('/api/runs/a/output?node=x')).status).toBe(400);
  const token = await addToken(runs, 'ada', 'run');
  for (let count = 0; count < 60; count += 1) expect((await request(output, 'GET', token)).status).toBe(404);
});

it('output ends without the event "end" within five seconds after its token was removed, also if nothing is written', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  const token = await addToken(runs, 'screen', 'read');
  const request = app();
  const [ended, stalled, kept] = [
    await request(output, 'GET', token),
    await request(output, 'GET', token),
    await request(output),
  ];
  await removeToken(runs, 'screen');
  const texts = Promise.all([ended.text(), stalled.text()]);
  for (let second = 0; second < 5; second += 1) await vi.advanceTimersByTimeAsync(1000);
  expect(await texts).toEqual([expect.not.stringContaining('event: end'), expect.any(String)]);
  await expect.poll(() => reading).toBeLessThan(2);
  await kept.body?.cancel();
});

it('a download of a token that was removed meanwhile breaks off', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const token = await addToken(runs, 'screen', 'read');
  const answer = await app()('/api/runs/a/artifact?path=model', 'GET', token);
  await removeToken(runs, 'screen');
  vi.setSystemTime(Date.now() + 5000);
  await expect(answer.arrayBuffer()).rejects.toThrow('The token was removed.');
});
