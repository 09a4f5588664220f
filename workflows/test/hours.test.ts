import { ApplicationFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import type { Activities } from '../src/activities/index.ts';
import { resolveTimeSkippingServer } from '../src/dev-server/index.ts';
import { jobHandle, startJob, taskQueues } from '../src/index.ts';
import { offerOf } from './fake-cloud.ts';
import { job } from './harness.ts';

/** Time passes while nothing is at work: what takes long here is always about to be tried again. */
const later = () => ApplicationFailure.create({ type: 'later', message: 'Not yet.', nextRetryDelay: '10m' });
const never = async () => {
  throw later();
};
const hours = (count: number) => count * 3600;

let env: TestWorkflowEnvironment;
let workers: readonly Worker[];
let ended: Promise<unknown>;
/** What was asked of the machine, in the order in which it was, with the seconds since the start. */
let said: { readonly what: string; readonly at: number }[];
let begin: number;
/** The step that ends only of being killed. */
let endless: 'setup' | 'command';

const elapsed = async () => ((await env.currentTimeMs()) - begin) / 1000;
const say = async (what: string) => {
  said.push({ what, at: await elapsed() });
};
const saidAt = (what: string) => said.find((one) => one.what === what)?.at ?? Number.NaN;

const activities = {
  prepareJob: async () => ({ vendors: ['verda'] as const }),
  outputSize: async () => 0,
  findOffers: async () => [offerOf('verda', 'a')],
  createInstance: async () => ({ instanceId: 'i-1' }),
  awaitRunning: async () => ({ ssh: { host: '127.0.0.1', port: 22, user: 'root' }, volumeIds: [] }),
  awaitSsh: async () => ({ hostKey: 'SHA256:x' }),
  watchInstance: never,
  destroyInstance: () => say('destroy'),
  runStep: async ({ step }) => {
    if (step !== endless) return { exitCode: 0, bytes: 0 };
    if (said.some(({ what }) => what === 'KILL')) return { exitCode: 137, bytes: 0 };
    throw later();
  },
  sendSignal: ({ signal }) => say(signal),
} satisfies Partial<Activities['job'] & Activities['vendor'] & Activities['follow']>;

beforeAll(async () => {
  const { path } = await resolveTimeSkippingServer();
  env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } });
});
beforeEach(async () => {
  said = [];
  begin = await env.currentTimeMs();
  endless = 'command';
  const queues = [taskQueues.workflows, taskQueues.follow, taskQueues.vendor('verda')];
  workers = await Promise.all(
    queues.map((taskQueue) =>
      Worker.create({
        connection: env.nativeConnection,
        taskQueue,
        activities,
        ...(taskQueue === taskQueues.workflows ? { workflowBundle: { codePath: inject('workflowBundle') } } : {}),
      }),
    ),
  );
  ended = Promise.all(workers.map((worker) => worker.run()));
});
afterEach(async () => {
  for (const worker of workers) worker.shutdown();
  await ended;
});
afterAll(() => env.teardown());

it('a job that says nothing about it is ended after a day', async () => {
  const run = await startJob(env.client, job('name: endless\ncommand: sleep infinity\n'));
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  expect(saidAt('destroy') / hours(1)).toBeCloseTo(24, 0);
});

it('a job is ended when its dollars are spent', async () => {
  const run = await startJob(env.client, job('name: spender\ncommand: sleep infinity\nlimits: { maxCost: 5 }\n'));
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  // At a dollar an hour.
  expect(saidAt('destroy') / hours(1)).toBeCloseTo(5, 0);
});

it('a command that is asked to stop is killed when its hours are over', async () => {
  const run = await startJob(env.client, job('name: slow\ncommand: sleep infinity\nlimits: { maxStop: 3h }\n'));
  await env.sleep('1h');
  await jobHandle(env.client, run.id).stop();
  expect(await run.result()).toMatchObject({ outcome: 'stopped', exitCode: 137 });
  expect(saidAt('TERM') / hours(1)).toBeCloseTo(1, 0);
  expect((saidAt('KILL') - saidAt('TERM')) / hours(1)).toBeCloseTo(3, 0);
});

it('a setup may take as long as it may, and no longer', async () => {
  endless = 'setup';
  const run = await startJob(
    env.client,
    job('name: slow\nsetup: sleep infinity\ncommand: "true"\nlimits: { maxSetup: 2h }\n'),
  );
  await expect(run.result()).rejects.toMatchObject({ kind: 'setup-failed' });
  expect(saidAt('destroy') / hours(1)).toBeCloseTo(2, 0);
});
