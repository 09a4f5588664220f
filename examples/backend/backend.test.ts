import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type DevServer, startDevServer } from '@gpu-clouds/dev';
import { createSimulators } from '@gpu-clouds/simulators';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signature } from './webhook.ts';

const secret = `whsec_${Buffer.from('a secret of this test').toString('base64')}`;
const simulators = createSimulators({ seed: 1, bootSeconds: 0.5 });
let temporal: DevServer;
let folder: string;
let env: Record<string, string | undefined>;
let receiver: Server;
let service: { readonly url: string; readonly process: ChildProcess };

interface Delivery {
  readonly id: string;
  readonly genuine: boolean;
  readonly answered: number;
  readonly body: unknown;
}
const deliveries: Delivery[] = [];
/** What the receiver answers to the next deliveries; then 204. */
const answers: number[] = [];
const delivered = (id: string) => deliveries.filter((delivery) => delivery.id === id);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-backend-'));
  temporal = await startDevServer();
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signed } = request.headers;
    const genuine = signed === `v1,${signature(secret, String(id), String(timestamp), body)}`;
    const answered = answers.shift() ?? 204;
    deliveries.push({ id: String(id), genuine, answered, body: JSON.parse(body) });
    response.writeHead(answered).end();
  });
  const port = await new Promise<number>((resolve) => {
    receiver.listen(0, '127.0.0.1', () => {
      const address = receiver.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const endpoints = await simulators.listen();
  env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ...Object.assign({}, ...Object.values(endpoints).map((endpoint) => endpoint.env)),
    TEMPORAL_ADDRESS: temporal.address,
    GPU_CLOUDS_MASTER_SECRET: 'a master secret of this test',
    WEBHOOK_URL: `http://127.0.0.1:${port}/hook`,
    WEBHOOK_SECRET: secret,
    PORT: '0',
  };
  service = await startService();
}, 180_000);
afterAll(async () => {
  await stop('SIGTERM');
  await new Promise((resolve) => receiver.close(resolve));
  await simulators.close();
  await temporal.close();
  await rm(folder, { recursive: true, force: true });
});

async function startService() {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`The service ended with ${code}.`)));
  });
  return { url, process: child };
}

async function stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const ended = new Promise((resolve) => service.process.once('exit', resolve));
  service.process.kill(signal);
  await ended;
}

async function call(method: string, path: string, key?: string, body?: unknown) {
  const response = await fetch(service.url + path, {
    method,
    headers: key === undefined ? {} : { 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const json: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, text, json };
}

async function start(key: string, epochs: number): Promise<string> {
  const { status, json } = await call('POST', '/trainings', key, { epochs });
  expect(status).toBe(202);
  return String(json.id);
}

const patience = { timeout: 120_000, interval: 200 };

test('a training is started once however often it is asked for, followed to its end, and told of', async () => {
  const id = await start('order 1', 2);
  expect(await start('order 1', 2)).toBe(id);

  const events = await call('GET', `/trainings/${id}/events`);
  const statuses = events.text.split('\n\n').flatMap((event) => (event === '' ? [] : [JSON.parse(event.slice(6))]));
  expect(statuses.at(-1)).toMatchObject({ id, phase: 'finished', outcome: 'succeeded', exitCode: 0 });
  expect((await call('GET', `/trainings/${id}/output`)).text).toBe('epoch 1 of 2\nepoch 2 of 2\n');

  await expect.poll(() => delivered(id).length, patience).toBe(1);
  expect(delivered(id)).toMatchObject([
    { genuine: true, body: { type: 'training.ended', data: { id, outcome: 'succeeded', exitCode: 0 } } },
  ]);
  // Asked for again after its end it is still the same.
  expect(await start('order 1', 2)).toBe(id);
  expect(simulators.ledger()).toMatchObject({ left: { instances: 0, keys: 0, volumes: 0, jobDeployments: 0 } });
  expect(simulators.ledger().instances.length).toBe(1);
}, 180_000);

test('a service that is killed while a training runs has lost nothing, the webhook included', async () => {
  const before = simulators.ledger().instances.length;
  const id = await start('order 2', 5);
  await expect.poll(async () => (await call('GET', `/trainings/${id}/output`)).text, patience).toContain('epoch 1');
  await stop('SIGKILL');
  // The receiver is down at first, too.
  answers.push(503);
  service = await startService();
  await expect.poll(() => delivered(id).map(({ answered }) => answered), patience).toEqual([503, 204]);
  expect(delivered(id)[1]).toMatchObject({ genuine: true, body: { data: { id, outcome: 'succeeded' } } });
  expect((await call('GET', `/trainings/${id}/output`)).text).toBe(
    [1, 2, 3, 4, 5].map((epoch) => `epoch ${epoch} of 5\n`).join(''),
  );
  expect(simulators.ledger().instances.length - before).toBe(1);
  expect(simulators.ledger().left).toEqual({ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 });
}, 240_000);

test('one that is cancelled is told of when its instance is gone', async () => {
  const id = await start('order 3', 900);
  await expect.poll(async () => (await call('GET', `/trainings/${id}`)).json.phase, patience).toBe('running');
  expect((await call('DELETE', `/trainings/${id}`)).status).toBe(202);
  await expect
    .poll(() => delivered(id).map(({ body }) => body), patience)
    .toEqual([{ type: 'training.ended', data: { id, outcome: 'cancelled' } }]);
  expect(simulators.ledger().left).toEqual({ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 });
}, 180_000);

test.each([
  ['GET', '/trainings/none', 'key', undefined, 404],
  ['GET', '/', 'key', undefined, 404],
  ['POST', '/trainings', undefined, { epochs: 1 }, 400],
  ['POST', '/trainings', 'key', { epochs: 0 }, 400],
  ['POST', '/trainings', 'key', undefined, 400],
])('%s %s with the key %s and %j is refused', async (method, path, key, body, status) => {
  const answer = await call(method, path, key, body);
  expect(answer.status).toBe(status);
  expect(answer.json.error).toMatch(/\.$/);
});
