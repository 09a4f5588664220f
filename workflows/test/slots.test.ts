import { type LeaseHandle, leaseInstance } from '@gpu-clouds/jobs';
import { type FakeCloud, until } from '@gpu-clouds/jobs/test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Harness } from './harness.ts';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
  cloud = harness.cloud('verda');
  await harness.work([cloud], {}, {}, { activitySlots: 1 });
});
afterAll(() => harness.close());

async function lease(): Promise<LeaseHandle> {
  const [offer] = await cloud.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  return leaseInstance(harness.client, { offer, ttl: '1h' });
}

/** What the owner of the instance waits for. */
async function awaits({ id }: LeaseHandle): Promise<string | undefined> {
  const { raw } = await harness.client.workflow.getHandle(id).describe();
  return raw.pendingActivities?.[0]?.activityType?.name ?? undefined;
}

it('an instance is created and destroyed while all watch slots of the worker are occupied', async () => {
  const watched = await lease();
  await watched.ready();
  await until(async () => (await awaits(watched)) === 'watchInstance', 'the watch');
  const other = await lease();
  await until(async () => (await awaits(other)) === 'awaitRunning', 'an instance that nobody has a slot to watch');
  expect(cloud.instances.size).toBe(2);
  await other.release();
  expect(await other.ended()).toEqual({ why: 'released' });
  expect([cloud.instances.size, await awaits(watched)]).toEqual([1, 'watchInstance']);
  await watched.release();
  expect(await watched.ended()).toEqual({ why: 'released' });
});
