import { ApplicationFailure } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { costOf, jobHandle, type LeaseHandle, type LeaseOptions, leaseInstance, startJob } from '../src/index.ts';
import { offerOf } from './fake-cloud.ts';
import { job } from './harness.ts';
import { type PlayedActivities, playActivities, startTimeSkipping } from './time-skipping.ts';
import { until } from './until.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** Time passes while nothing is at work: what takes long here is always about to be tried again. */
const later = () => ApplicationFailure.create({ type: 'later', message: 'Not yet.', nextRetryDelay: '10m' });
const never = async () => {
  throw later();
};
const hours = (count: number) => count * 3600;

let env: TestWorkflowEnvironment;
let rest: () => Promise<void>;
/** What was asked of the machine, in the order in which it was, with the seconds since the start. */
let said: { readonly what: string; readonly at: number }[];
let begin: number;
/** The step that ends only of being killed. */
let endless: 'setup' | 'command';
/** Seconds from the start before which the cloud destroys nothing. */
let goneAfter: number;

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
  destroyInstance: async () => {
    await say('destroy');
    if ((await elapsed()) < goneAfter) throw later();
  },
  runStep: async ({ step }) => {
    if (step !== endless) return { exitCode: 0, bytes: 0 };
    if (said.some(({ what }) => what === 'KILL')) return { exitCode: 137, bytes: 0 };
    throw later();
  },
  sendSignal: ({ signal }) => say(signal),
} satisfies PlayedActivities;

beforeAll(async () => {
  env = await startTimeSkipping();
  // This server lists none, which registering them would begin with.
  await env.connection.operatorService.addSearchAttributes({
    searchAttributes: {
      GpuCloudsVendor: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
      GpuCloudsTeardownStuck: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    },
  });
});
beforeEach(async () => {
  said = [];
  begin = await env.currentTimeMs();
  endless = 'command';
  goneAfter = 0;
  rest = await playActivities(env, activities);
});
afterEach(() => rest());
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

it('a command may take as long as it may: then it is asked to end, and the job fails', async () => {
  const limits = 'limits: { maxCommand: 2h, maxStop: 1h }';
  const run = await startJob(env.client, job(`name: slow\ncommand: sleep infinity\n${limits}\n`));
  await expect(run.result()).rejects.toMatchObject({
    kind: 'command-timeout',
    message: 'The command took longer than limits.maxCommand, 2h, and was asked to end.',
  });
  expect([saidAt('TERM') / hours(1), saidAt('KILL') / hours(1)].map(Math.round)).toEqual([2, 3]);
  expect(await run.status()).toMatchObject({ exitCode: 137 });
});

it('the nodes of a job share its dollars', async () => {
  const run = await startJob(
    env.client,
    job('name: shared\nresources: { nodes: 4 }\ncommand: sleep infinity\nlimits: { maxCost: 8 }\n'),
  );
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  // Four machines at a dollar an hour each.
  expect(saidAt('destroy') / hours(1)).toBeCloseTo(2, 0);
  const { rentals } = await run.status();
  expect(rentals.length).toBe(4);
  expect(costOf(rentals, Number.POSITIVE_INFINITY)).toBeCloseTo(8, 0);
});

/** Ready, and nothing on its way: the test server may leave unanswered what it is asked while a task is under way. */
async function leased(options: Omit<LeaseOptions, 'offer'>): Promise<LeaseHandle> {
  const lease = await leaseInstance(env.client, { offer: offerOf('verda', 'a'), ...options });
  await until(async () => {
    const { events } = await env.client.workflow.getHandle(lease.id).fetchHistory();
    return events?.some(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'watchInstance',
    );
  }, 'a leased machine that is watched');
  return lease;
}

describe('a lease', () => {
  it('ends when its time is over, and tells the reaper when that is', async () => {
    const lease = await leased({ ttl: '3h' });
    const { hostKey, keyName } = await lease.ready();
    expect([hostKey, keyName]).toEqual(['SHA256:x', lease.id]);
    const { memo, startTime } = await env.client.workflow.getHandle(lease.id).describe();
    expect(Date.parse(String(memo?.mustEndBy)) - startTime.getTime()).toBeCloseTo(hours(3) * 1000, -4);
    expect(await lease.ended()).toEqual({ why: 'cap-reached' });
    expect(saidAt('destroy') / hours(1)).toBeCloseTo(3, 1);
  });

  it('can be extended while it lasts, up to its most', async () => {
    const lease = await leased({ ttl: '1h', maxTtl: '4h' });
    await env.sleep('30m');
    const end = await lease.extend('2h');
    expect((end.getTime() - begin) / 1000 / hours(1)).toBeCloseTo(2.5, 1);
    // Shorter than what it has: nothing is taken away.
    expect(await lease.extend('1m')).toEqual(end);
    await expect(lease.extend('4h')).rejects.toThrow(/can be extended up to .* and no further/);
    expect(await lease.ended()).toEqual({ why: 'cap-reached' });
    expect(saidAt('destroy') / hours(1)).toBeCloseTo(2.5, 1);
  });

  it('ends when its dollars are spent, however far it was extended', async () => {
    const lease = await leased({ ttl: '1h', maxCost: 2 });
    const end = await lease.extend('10h');
    // At a dollar an hour.
    expect((end.getTime() - begin) / 1000 / hours(1)).toBeCloseTo(2, 1);
    expect(await lease.ended()).toEqual({ why: 'cap-reached' });
  });

  it('that is released ends at once, and cannot be extended or released again', async () => {
    goneAfter = hours(2);
    const lease = await leased({ ttl: '5h' });
    await lease.ready();
    await env.sleep('1h');
    await lease.release();
    await expect(lease.extend('1h')).rejects.toThrow('is being destroyed already');
    await expect(lease.release()).rejects.toThrow('is being destroyed already');
    expect(await lease.connection()).toBeUndefined();
    expect(await lease.ended()).toEqual({ why: 'released' });
  });
});

it('a teardown that takes longer than ten minutes says so, until the machine is gone', async () => {
  goneAfter = hours(1) + 1800;
  const lease = await leased({ ttl: '1h', searchable: true });
  await env.sleep('65m');
  expect((await lease.facts()).teardownStuckSince).toBeUndefined();
  await env.sleep('10m');
  const { state, teardownStuckSince = '' } = await lease.facts();
  expect(state).toBe('destroying');
  expect((Date.parse(teardownStuckSince) - begin) / 1000 / hours(1)).toBeCloseTo(1, 1);
  expect(await lease.ended()).toEqual({ why: 'cap-reached' });
  expect((await lease.facts()).teardownStuckSince).toBeUndefined();
  const { events } = await env.client.workflow.getHandle(lease.id).fetchHistory();
  const upserts = events?.map(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => upsert?.searchAttributes);
  const values = upserts?.flatMap((upsert) => upsert?.indexedFields?.GpuCloudsTeardownStuck ?? []);
  expect(values?.map(({ data }) => Buffer.from(data ?? []).toString())).toEqual(['true', 'null']);
});
