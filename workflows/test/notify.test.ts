import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startJob } from '@gpu-clouds/jobs';
import { type FakeCloud, until } from '@gpu-clouds/jobs/test';
import { WorkflowNotFoundError } from '@temporalio/client';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Harness, job } from './harness.ts';

const key = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

interface Received {
  readonly payload: unknown;
  /** Number of instances and keys that existed then. */
  readonly left: number;
}

let harness: Harness;
let cloud: FakeCloud;
let server: Server;
let url: string;
let status: number;
let received: Received[];
beforeAll(async () => {
  harness = await Harness.start();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    received.push({ payload: new Webhook(key).verify(body, headers), left: cloud.left });
    response.writeHead(status).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port }: Partial<AddressInfo> = Object(server.address());
  url = `http://127.0.0.1:${port}/a-secret-path`;
});
beforeEach(async () => {
  [received, status] = [[], 200];
  cloud = harness.cloud('verda');
  await harness.work([cloud], { HOOK: url, KEY: key, NOWHERE: 'no URL' }, {}, { notifyPrivate: true });
});
afterEach(() => harness.rest());
afterAll(async () => {
  server.close();
  await harness.close();
});

const started = (yaml: string) => startJob(harness.client, job(`name: noted\n${yaml}`));
const workflow = (id: string) => harness.client.workflow.getHandle(id);

async function textOfHistory(id: string): Promise<string> {
  const text = (name: string, value: unknown) =>
    name === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value;
  return JSON.stringify(await workflow(id).fetchHistory(), text).replaceAll('\\"', '"');
}

it('a webhook is notified of a success once the instances are gone, and the history has neither URL nor key', async () => {
  const run = await started('command: exit 0\nnotify: [{ webhook: HOOK, signWith: KEY }]\n');
  const { dollars } = await run.result();
  await workflow(`${run.id}/notify`).result();
  expect(received).toEqual([
    {
      left: 0,
      payload: {
        type: 'run.succeeded',
        timestamp: expect.any(String),
        data: {
          run: run.id,
          name: 'noted',
          fleet: 'default',
          startedAt: expect.any(String),
          dollars,
          exitCode: 0,
          overBudget: false,
        },
      },
    },
  ]);
  for (const id of [run.id, `${run.id}/notify`]) {
    const history = await textOfHistory(id);
    expect(history).toContain('"webhook":"HOOK"');
    expect(history).not.toMatch(/a-secret-path|whsec_|BwcHBwcH/);
  }
});

it('a receiver that is down delays no result, and gets the notification once it is up', async () => {
  status = 503;
  const run = await started('command: exit 3\nnotify: [{ webhook: HOOK, signWith: KEY, on: [failed] }]\n');
  expect(await run.result()).toMatchObject({ outcome: 'failed', exitCode: 3 });
  await until(() => received.length > 0, 'the first attempt');
  expect((await workflow(`${run.id}/notify`).describe()).status.name).toBe('RUNNING');
  status = 200;
  await workflow(`${run.id}/notify`).result();
  expect(received.at(-1)).toMatchObject({ payload: { type: 'run.failed', data: { exitCode: 3 } } });
});

it('a webhook is notified of a run that its limits ended, and of no other failure, with "on: [over-budget]"', async () => {
  const notify = 'notify: [{ webhook: HOOK, signWith: KEY, on: [over-budget] }]\n';
  const other = await started(`command: exit 1\n${notify}`);
  await other.result();
  await expect(workflow(`${other.id}/notify`).describe()).rejects.toBeInstanceOf(WorkflowNotFoundError);
  const run = await started(`command: exit 0\nlimits: { maxDuration: 30s }\n${notify}`);
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  await workflow(`${run.id}/notify`).result();
  expect(received).toMatchObject([{ payload: { data: { run: run.id, kind: 'cap-reached', overBudget: true } } }]);
});

it('a webhook whose variable the worker lacks or that is no URL fails the run before anything is rented', async () => {
  const run = await started(
    'command: exit 0\nnotify: [{ webhook: ABSENT, format: slack }, { webhook: NOWHERE, format: slack }]\n',
  );
  await expect(run.result()).rejects.toMatchObject({
    kind: 'invalid',
    message:
      "The job's notify: The worker does not have ABSENT: set it in its environment. The value of NOWHERE is not an https URL.",
  });
  expect(cloud.creates).toBe(0);
  await workflow(`${run.id}/notify`).terminate();
});
