import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClouds } from '@gpu-clouds/clouds';
import { freePort, type Stack, startStack } from '@gpu-clouds/dev';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';

const worker = [join(import.meta.dirname, '../node_modules/.bin/gpu-clouds'), 'worker', '--json'] as const;
const webhookKey = `whsec_${randomBytes(32).toString('base64')}`;
const keys = { ada: randomBytes(32).toString('base64url'), ben: randomBytes(32).toString('base64url') };
type User = keyof typeof keys;

let folder: string;
let stack: Stack;
let env: NodeJS.ProcessEnv;
let url: string;
let service: ChildProcess;
/** What the service printed for the webhooks that it received. */
const ends: unknown[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-backend-'));
  const userOf = (user: User, dollarsPerDay: number) => {
    return { keySha256: createHash('sha256').update(keys[user]).digest('hex'), dollarsPerDay };
  };
  const users = { ada: userOf('ada', 20), ben: userOf('ben', 0.01) };
  await writeFile(join(folder, 'users.json'), JSON.stringify(users));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const settings = {
    ...process.env,
    PORT: String(port),
    WEBHOOK_URL: `${url}/webhook`,
    WEBHOOK_KEY: webhookKey,
    GPU_CLOUDS_JOB_SECRETS: 'WEBHOOK_URL,WEBHOOK_KEY',
    // The receiver of this test is on loopback.
    GPU_CLOUDS_NOTIFY_PRIVATE: '1',
  };
  stack = await startStack({ env: settings, home: join(folder, 'home'), worker, log: () => undefined });
  env = { ...settings, ...stack.env };
  await startService();
}, 180_000);
afterAll(async () => {
  await stopService('SIGTERM');
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

async function startService(): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  service = child;
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  lines.on('line', (line) => ends.push(JSON.parse(line)));
}

async function stopService(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (service === undefined) return;
  const exited = once(service, 'exit');
  service.kill(signal);
  await exited;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
}

async function call(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  const response = await fetch(url + path, { method, headers, body: body ?? null });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return { status: response.status, text, json: isJson ? JSON.parse(text) : undefined };
}

const as = (user: User, method: string, path: string) => call(method, path, { authorization: `Bearer ${keys[user]}` });

function post(user: User, key: string, body: string): Promise<Answer> {
  return call('POST', '/trainings', { authorization: `Bearer ${keys[user]}`, 'idempotency-key': key }, body);
}

async function start(user: User, key: string, body: string): Promise<string> {
  const { status, json } = await post(user, key, body);
  expect(status).toBe(202);
  return Object(json).id;
}

async function instancesLeft(): Promise<number> {
  const lists = await Promise.all([...createClouds({ env }).clouds.values()].map((cloud) => cloud.listInstances()));
  return lists.flat().length;
}

const stateOf = async (user: User, id: string) => Object((await as(user, 'GET', `/trainings/${id}`)).json).state;
const endsOf = (id: string) => ends.filter((end) => Object(end).data.run === id);
const patience = { timeout: 120_000, interval: 250 };

test('a training runs once for its key, also if the service is killed, and its end arrives at the webhook', async () => {
  const ids = await Promise.all([1, 2, 3].map(() => start('ada', 'order 1', '{"epochs":4}')));
  const [id = ''] = ids;
  expect(new Set(ids)).toEqual(new Set([id]));
  await stopService('SIGKILL');
  await startService();
  expect(await start('ada', 'order 1', ' { "epochs": 4 } ')).toBe(id);
  expect(await post('ada', 'order 1', '{"epochs":5}')).toMatchObject({
    status: 409,
    json: { message: 'This Idempotency-Key was used with another body. Use a new key for a new training.' },
  });

  await expect.poll(() => endsOf(id), patience).toHaveLength(1);
  expect(endsOf(id)).toMatchObject([
    { type: 'run.succeeded', data: { overBudget: false, dollars: expect.any(Number) } },
  ]);
  const ended = { id, state: 'succeeded', exitCode: 0 };
  expect((await as('ada', 'GET', `/trainings/${id}`)).json).toMatchObject(ended);
  expect((await as('ada', 'GET', '/trainings')).json).toMatchObject([ended]);
  const { text } = await as('ada', 'GET', `/trainings/${id}/output`);
  expect(text).toBe('epoch 1 of 4\nepoch 2 of 4\nepoch 3 of 4\nepoch 4 of 4\n');
  const artifacts = await as('ada', 'GET', `/trainings/${id}/artifacts`);
  expect(artifacts.json).toEqual([{ path: 'model/summary.txt', size: 21 }]);
  const artifact = await as('ada', 'GET', `/trainings/${id}/artifacts/model/summary.txt`);
  expect(artifact.text).toBe('trained for 4 epochs\n');
  expect((await as('ada', 'GET', `/trainings/${id}/artifacts/none`)).status).toBe(404);
  expect((await as('ada', 'GET', `/trainings/${id}/artifacts/..%2F..%2Fusers.json`)).status).toBe(400);
  // Still the same after its end.
  expect(await start('ada', 'order 1', '{"epochs":4}')).toBe(id);
}, 180_000);

test("a user gets 404 for another user's training, and the other user can cancel it", async () => {
  const id = await start('ada', 'order 2', '{"epochs":900}');
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/output'],
    ['GET', '/artifacts'],
    ['GET', '/artifacts/model/summary.txt'],
    ['DELETE', ''],
  ] as const) {
    expect(await as('ben', method, `/trainings/${id}${path}`)).toMatchObject({
      status: 404,
      json: { message: 'You have no such training.' },
    });
  }
  await expect.poll(() => stateOf('ada', id), patience).toBe('running');
  expect((await as('ben', 'GET', '/trainings')).text).not.toContain(id);
  expect((await as('ada', 'DELETE', `/trainings/${id}`)).status).toBe(202);
  await expect.poll(() => stateOf('ada', id), patience).toBe('cancelled');
  expect((await as('ada', 'DELETE', `/trainings/${id}`)).status).toBe(409);
  await expect.poll(instancesLeft, patience).toBe(0);
}, 180_000);

test('a training beyond the budget of its user rents nothing and fails, with the same key that another user has', async () => {
  const id = await start('ben', 'order 1', '{"epochs":4}');
  await expect.poll(() => endsOf(id), patience).toHaveLength(1);
  expect(endsOf(id)).toMatchObject([{ type: 'run.failed', data: { overBudget: true, dollars: 0 } }]);
  expect((await as('ben', 'GET', `/trainings/${id}`)).json).toMatchObject({
    state: 'failed',
    dollars: 0,
    message: expect.stringContaining('budget'),
  });
}, 180_000);

test.each([
  ['GET', '/trainings', {}, undefined, 401],
  ['GET', '/trainings', { authorization: 'Bearer wrong' }, undefined, 401],
  ['GET', '/trainings/none', { authorization: `Bearer ${keys.ada}` }, undefined, 404],
  ['GET', '/', {}, undefined, 404],
  ['POST', '/trainings', {}, '{"epochs":1}', 401],
  ['POST', '/trainings', { authorization: `Bearer ${keys.ada}` }, '{"epochs":1}', 400],
  ['POST', '/trainings', { authorization: `Bearer ${keys.ada}`, 'idempotency-key': 'a' }, '{"epochs":0}', 400],
  ['POST', '/trainings', { authorization: `Bearer ${keys.ada}`, 'idempotency-key': 'a' }, '{"epochs":1,"x":1}', 400],
  ['POST', '/trainings', { authorization: `Bearer ${keys.ada}`, 'idempotency-key': 'a' }, 'no JSON', 400],
])('the service refuses request %#: %s %s', async (method, path, headers, body, status) => {
  const answer = await call(method, path, headers, body);
  expect(answer).toMatchObject({ status, json: { message: expect.stringMatching(/.{10}/) } });
});

test('the webhook takes a notification with a valid signature only', async () => {
  const body = JSON.stringify({ type: 'run.failed', data: { run: 'signed', dollars: 1, overBudget: false } });
  const deliver = (key: string, at: Date, sent = body) => {
    const signature = new Webhook(key).sign('delivery-1', at, body);
    const timestamp = String(Math.floor(at.getTime() / 1000));
    const headers = { 'webhook-id': 'delivery-1', 'webhook-timestamp': timestamp, 'webhook-signature': signature };
    return call('POST', '/webhook', headers, sent);
  };
  const refused = await Promise.all([
    call('POST', '/webhook', {}, body),
    deliver(Buffer.alloc(32).toString('base64'), new Date()),
    deliver(webhookKey, new Date(), body.replace('failed', 'succeeded')),
    deliver(webhookKey, new Date(Date.now() - 600_000)),
  ]);
  expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  expect((await deliver(webhookKey, new Date())).status).toBe(204);
  await expect.poll(() => endsOf('signed')).toMatchObject([{ deliveryId: 'delivery-1' }]);
});
