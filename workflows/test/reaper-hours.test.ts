import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import { leaseInstance, ownersInTemporal, reap, taskQueues } from '@gpu-clouds/jobs';
import { FakeCloud, offerOf } from '@gpu-clouds/jobs/test';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hours, later, type PlayedActivities, playActivities, startTimeSkipping } from './time-skipping.ts';

/** Real lists, a real owner, and a reaper that looks every five minutes for hours. This server has no schedules; it has their forerunner. */
const everyFiveMinutes = '*/5 * * * *';

let env: TestWorkflowEnvironment;
let rest: () => Promise<void>;
let begin: number;
let cloud: FakeCloud;
/** The owner's deletes fail. */
let stuck: boolean;
/** Seconds from the start at which the reaper first saw what nobody owned, and destroyed it, by instance name. */
const seen = new Map<string, number>();
const destroyed = new Map<string, number>();
const instanceNames = () => [...cloud.instances.values()].map(({ name }) => name);

const activities = {
  servedClouds: async () => ['verda'] as const,
  reapCloud: async ({ vendor: _, ...options }) => {
    const now = await env.currentTimeMs();
    const at = (now - begin) / 1000;
    const findOwners = ownersInTemporal(env.client, () => now);
    const report = await reap({ ...options, clouds: [cloud], findOwners, now });
    const ownersOf = (orphans: typeof report.destroyed) => orphans.map(({ instanceName }) => ownerIdOf(instanceName));
    for (const id of ownersOf([...report.waiting, ...report.destroyed])) seen.set(id, seen.get(id) ?? at);
    for (const id of ownersOf(report.destroyed)) destroyed.set(id, at);
    return report;
  },
  createInstance: ({ offer, instanceName }) => make(instanceName, offer).then((instanceId) => ({ instanceId })),
  awaitRunning: async () => ({ ssh: { host: '127.0.0.1', port: 22, user: 'root' }, volumeIds: [] }),
  awaitSsh: async () => ({ hostKey: 'SHA256:x', hostPublicKey: 'ssh-ed25519 AAAA' }),
  watchInstance: async () => {
    throw later();
  },
  destroyInstance: async ({ instanceId = '' }) => {
    if (stuck && cloud.instances.has(instanceId)) throw later();
    await cloud.deleteInstance(instanceId);
  },
} satisfies PlayedActivities;

async function make(instanceName: string, offer = offerOf('verda', 'a')): Promise<string> {
  return (await cloud.createInstance({ offer, name: instanceName, publicKey: '' })).id;
}

/** The same, with an owner that has ended without destroying it: it refuses its request. */
async function orphan(instanceName: string): Promise<void> {
  await make(instanceName);
  const request = { instanceName, run: 'orphan', offer: offerOf('verda', 'a'), ttlSeconds: 0 };
  const options = { workflowId: instanceName, taskQueue: taskQueues.workflows, args: [request] };
  await expect(env.client.workflow.execute('instance', options)).rejects.toThrow();
}

/** Ten minutes, and not more than one look later. */
function expectGraceOf(instanceName: string): void {
  const minutes = ((destroyed.get(instanceName) ?? Number.NaN) - (seen.get(instanceName) ?? Number.NaN)) / 60;
  expect(minutes).toBeGreaterThanOrEqual(10);
  expect(minutes).toBeLessThan(16);
}

/** A lease of whole hours that starts between two scans ends between two scans: the reaper never meets its teardown. */
async function untilBetweenScans(): Promise<void> {
  const sinceScanMs = (await env.currentTimeMs()) % 300_000;
  await env.sleep((450_000 - sinceScanMs) % 300_000);
}

let stop: () => Promise<unknown>;
// A server of its own for each: one on which a workflow ended while an activity was at work may skip no more time.
beforeEach(async () => {
  env = await startTimeSkipping();
  stuck = false;
  seen.clear();
  destroyed.clear();
  cloud = new FakeCloud('verda', [{}], { host: '127.0.0.1', port: 22, user: 'root' });
  begin = await env.currentTimeMs();
  rest = await playActivities(env, activities);
  const reaper = await env.client.workflow.start('reapOrphans', {
    workflowId: `reaper-${begin}`,
    taskQueue: taskQueues.workflows,
    cronSchedule: everyFiveMinutes,
    args: [{ fleet: 'default' }],
  });
  stop = () => env.client.workflow.getHandle(reaper.workflowId).terminate();
});
afterEach(async () => {
  await stop();
  await rest();
  await env.teardown();
});

it('the reaper destroys orphans after the grace period, and nothing with an owner or of another fleet', async () => {
  await orphan('gpuc-default-orphan-0');
  await make('gpuc-other-orphan-0');
  await untilBetweenScans();
  const lease = await leaseInstance(env.client, { offer: offerOf('verda', 'a'), ttl: '2h' });
  await env.sleep('1h');
  expectGraceOf('gpuc-default-orphan-0');
  expect([[...destroyed.keys()], instanceNames().map(ownerIdOf).toSorted()]).toEqual([
    ['gpuc-default-orphan-0'],
    ['gpuc-other-orphan-0', lease.id].toSorted(),
  ]);
  expect(await lease.ended()).toEqual({ why: 'cap-reached' });
  expect([[...seen.keys()], instanceNames()]).toEqual([['gpuc-default-orphan-0'], ['gpuc-other-orphan-0']]);
});

it('polls that fail for half an hour do not restart the grace period', async () => {
  await orphan('gpuc-default-orphan-0');
  await env.sleep('6m');
  cloud.faults.list = 'unavailable';
  await env.sleep('30m');
  expect([seen.size, destroyed.size]).toEqual([1, 0]);
  delete cloud.faults.list;
  await env.sleep('6m');
  expect([...destroyed.keys()]).toEqual(['gpuc-default-orphan-0']);
});

it('the reaper destroys an instance that its owner cannot destroy soon after its cap, and not before', async () => {
  stuck = true;
  const lease = await leaseInstance(env.client, { offer: offerOf('verda', 'a'), ttl: '3h' });
  expect(await lease.ended()).toEqual({ why: 'cap-reached' });
  const first = seen.get(lease.id) ?? 0;
  expect(first).toBeGreaterThanOrEqual(hours(3));
  expect(first / hours(1)).toBeCloseTo(3, 0);
  expectGraceOf(lease.id);
});
