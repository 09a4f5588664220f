import {
  batchHandle,
  deriveSshKey,
  jobHandle,
  leaseCost,
  leaseHandle,
  leaseInstance,
  leaseSummary,
  ownersInTemporal,
  reap,
  startBatch,
  startJob,
  UncertainStartError,
} from '@gpu-clouds/jobs';
import { type FakeCloud, offerOf, until } from '@gpu-clouds/jobs/test';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { openSession } from '../src/ssh/ssh-session.ts';
import { Harness, job, masterSecret } from './harness.ts';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

const offer = offerOf('verda', 'verda-0');
type History = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** In milliseconds. */
const hours = (count: number) => count * 3_600_000;

it('a leased instance accepts the derived key, has an owner until it is released, and is then gone', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', name: 'mine' });
  const { host, port, user, hostKey, keyName } = await lease.ready();
  expect(keyName).toBe(lease.id);
  const { privateKey } = deriveSshKey(masterSecret, keyName);
  const session = await openSession(
    { address: { host, port, user }, hostKey, privateKey },
    AbortSignal.timeout(30_000),
  );
  expect((await session.exec('echo inside')).code).toBe(0);
  session.close();

  const findOwners = ownersInTemporal(harness.client);
  const look = () => reap({ clouds: [cloud], fleet: 'default', findOwners, force: true });
  expect(await look()).toMatchObject({ wanted: [expect.stringMatching(`^${lease.id}-`)], destroyed: [], waiting: [] });

  // Anybody who knows the id can give it back.
  await leaseHandle(harness.client, lease.id).release();
  expect(await lease.ended()).toEqual({ why: 'released' });
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});

it('a lease name cannot be leased twice at the same time', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', name: 'once' });
  await expect(leaseInstance(harness.client, { offer, ttl: '1h', name: 'once' })).rejects.toThrow(
    'The name "once" is taken by a lease, which may have ended. Choose another name.',
  );
  await lease.ready();
  await lease.release();
  await lease.ended();
  await expect(leaseInstance(harness.client, { offer, ttl: '1h', name: 'once' })).rejects.toThrow(
    'Choose another name',
  );
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});

it('a lease whose create response is lost is one instance, and none after a cancel', async () => {
  cloud = harness.cloud('verda');
  cloud.faults.create = ['lost'];
  await harness.work([cloud]);
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h' });
  await lease.ready();
  expect([cloud.creates, cloud.maxSameName]).toEqual([1, 1]);
  await harness.client.workflow.getHandle(lease.id).cancel();
  await expect(lease.ended()).rejects.toMatchObject({ kind: 'cancelled' });
  expect(cloud.left).toBe(0);
});

it('a lease fails with a helpful message when no instance is available', async () => {
  cloud = harness.cloud('verda');
  cloud.faults.create = ['no-capacity'];
  await harness.work([cloud]);
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h' });
  await expect(lease.ready()).rejects.toThrow('no-capacity: verda says no-capacity.');
  expect(await lease.ended()).toMatchObject({ why: 'failed', kind: 'no-capacity', neverExisted: true });
  const summary = await leaseSummary(harness.client, lease.id);
  expect(summary && leaseCost(summary, Date.now())).toBe(0);
});

it('a lease can be extended up to its maximum TTL, and its memo says until when', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', maxTtl: '4h' });
  await lease.ready();
  const asked = Date.now();
  const end = await lease.extend('2h');
  expect(end.getTime() - asked).toBeGreaterThanOrEqual(hours(2) - 1000);
  expect(end.getTime() - Date.now()).toBeLessThanOrEqual(hours(2));
  // Shorter than what it has: nothing is taken away.
  expect(await lease.extend('1m')).toEqual(end);
  await expect(lease.extend('5h')).rejects.toThrow(/can be extended up to .* and no further/);
  const told = async () => (await harness.client.workflow.getHandle(lease.id).describe()).memo?.mustEndBy;
  expect(await until(told)).toBe(end.toISOString());
  await lease.release();
  await lease.ended();
});

it('a lease cannot be extended beyond what its maxCost pays for', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const lease = await leaseInstance(harness.client, { offer: { ...offer, pricePerHour: 1 }, ttl: '1h', maxCost: 2 });
  await expect(lease.extend('10h')).rejects.toThrow(/The lease may cost at most \$2\.00, which is spent at 2.*Z\./);
  await lease.release();
  await lease.ended();
});

it('a lease that was released cannot be extended or released again while its instance is destroyed', async () => {
  cloud = harness.cloud('verda');
  cloud.faults.deleteConflicts = Number.POSITIVE_INFINITY;
  await harness.work([cloud]);
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h' });
  await lease.ready();
  await lease.release();
  await until(async () => (await lease.facts()).state === 'destroying', 'the teardown');
  await expect(lease.extend('1h')).rejects.toThrow('is being destroyed already');
  await expect(lease.release()).rejects.toThrow('is being destroyed already');
  expect(await lease.connection()).toBeUndefined();
  cloud.faults.deleteConflicts = 0;
  expect(await lease.ended()).toEqual({ why: 'released' });
});

it('the instance of a run cannot be extended', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const instanceName = 'gpuc-default-ofarun-0';
  const owner = await harness.client.workflow.start('instance', {
    workflowId: instanceName,
    taskQueue: 'gpu-clouds',
    args: [{ instanceName, run: 'ofarun', offer, ttlSeconds: 600 }],
  });
  await until(() => leaseHandle(harness.client, instanceName).connection(), 'the connection');
  await expect(leaseHandle(harness.client, instanceName).extend('1h')).rejects.toThrow(
    'it belongs to a run with limits of its own',
  );
  await owner.signal('release', { run: 'ofarun' });
  expect(await owner.result()).toEqual({ why: 'released' });
});

it('an unconfirmed start of a lease, run, or batch throws an error with the id', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const { client } = harness;
  const { startWorkflowExecution } = client.workflowService;
  const answers: string[] = [];
  // Takes effect; then the connection is gone.
  const lost = vi.spyOn(client.workflowService, 'startWorkflowExecution');
  lost.mockImplementation(async (request: Parameters<typeof startWorkflowExecution>[0]) => {
    answers.push((await startWorkflowExecution.call(client.workflowService, request)).runId);
    throw Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: 'gone', metadata: new Map() });
  });
  const leasing = await leaseInstance(client, { offer, ttl: '1h' }).catch((error: unknown) => error);
  const starting = await startJob(client, job('name: x\ncommand: "true"\n')).catch((error: unknown) => error);
  const together = await startBatch(client, job('name: x\ncommand: "true"\n'), [{}]).catch((error: unknown) => error);
  lost.mockRestore();
  expect(answers).toHaveLength(3);
  if (!(leasing instanceof UncertainStartError && starting instanceof UncertainStartError)) throw leasing;
  if (!(together instanceof UncertainStartError)) throw together;
  expect(leasing.message).toContain(`whose id is ${leasing.id}. If it has, an instance is rented. Release it with`);
  const lease = leaseHandle(client, leasing.id);
  await lease.release();
  expect(await lease.ended()).toEqual({ why: 'released', neverExisted: true });
  expect(starting.message).toContain(`the run "${starting.id}". If it has, it is running`);
  expect(await jobHandle(client, starting.id).result()).toMatchObject({ outcome: 'succeeded' });
  expect(together.message).toContain(`the batch "${together.id}". If it has, it is running`);
  expect(await batchHandle(client, together.id).result()).toMatchObject({ outcome: 'succeeded' });
  expect(cloud.left).toBe(0);
});

it.each([
  [{ ttl: 'soon' }, 'ttl: "soon" is no duration'],
  [{ ttl: '0h' }, 'ttl must be longer than 0'],
  [{ ttl: '1h', maxCost: 0 }, 'maxCost must be more than 0 US dollars'],
  [{ ttl: '1h', name: 'a b' }, '"a b" cannot be a lease\'s name'],
])('leaseInstance refuses %j with a helpful message', async (options, sentence) => {
  await expect(leaseInstance(harness.client, { offer, ...options })).rejects.toThrow(sentence);
});

it('a release while the create call is under way destroys nothing before that call has ended', async () => {
  cloud = harness.cloud('verda');
  let answered = false;
  cloud.faults.onCreate = async () => {
    await until(() => answered, 'the answer of the vendor');
  };
  await harness.work([cloud]);
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h' });
  await until(() => cloud.creates > 0, 'the create call');
  await lease.release();
  const events = async () => (await harness.client.workflow.getHandle(lease.id).fetchHistory()).events ?? [];
  const isCancelRequest = ({ activityTaskCancelRequestedEventAttributes: request }: History) => Boolean(request);
  const seen = await until(async () => {
    const all = await events();
    return all.some(isCancelRequest) ? all : undefined;
  }, 'the cancel request of the create call');
  const scheduled = seen.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
  answered = true;
  expect(scheduled).toEqual(['createInstance']);
  expect(await lease.ended()).toEqual({ why: 'released' });
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});
