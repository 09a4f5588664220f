import { FakeCloud } from '@gpu-clouds/jobs/test';
import { beforeEach, describe, expect, it } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import type { DestroyInput } from './contract.ts';
import { createActivities } from './create-activities.ts';

const instanceName = 'gpuc-default-run-0';
const ssh = { host: '127.0.0.1', port: 22, user: 'root' };

let cloud: FakeCloud;
/** Each call of `now` adds a millisecond, so the tests do not depend on the speed of the machine. */
let time: number;
const now = () => time++;
beforeEach(() => {
  time = 0;
  cloud = new FakeCloud('verda', [{}], ssh);
});

const settle = 300;

async function destroy(input: Partial<DestroyInput> = {}, heartbeatDetails?: unknown): Promise<string | undefined> {
  const { vendor } = createActivities({
    fleet: 'default',
    clouds: new Map([['verda', cloud]]),
    masterSecret: 'sixteen characters',
    timing: { consistencyWindowMs: settle, pollIntervalMs: 1 },
    now,
  });
  const whole: DestroyInput = { vendor: 'verda', instanceName, volumeIds: [], ...input };
  return mockActivity({ heartbeatDetails }).run(vendor.destroyInstance, whole);
}

async function rent(name = instanceName): Promise<string> {
  const [offer] = await cloud.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  await cloud.keys.create({ name, publicKey: '' });
  return (await cloud.createInstance({ offer, name, publicKey: '' })).id;
}

describe('destroyInstance', () => {
  it('destroyInstance destroys all instances and keys of the instance name, and no others', async () => {
    await rent();
    await rent();
    const other = await rent('gpuc-default-run-1');
    await destroy();
    expect([...cloud.instances.keys()]).toEqual([other]);
    expect([...cloud.keyObjects.values()].map((key) => key.name)).toEqual(['gpuc-default-run-1']);
  });

  it('destroyInstance destroys an instance by its id before any list shows it', async () => {
    cloud.faults.hiddenFor = Number.POSITIVE_INFINITY;
    const instanceId = await rent();
    await destroy({ instanceId, lastCreateAt: now() });
    expect(cloud.left).toBe(0);
  });

  it('destroyInstance returns the id of an instance that only a list has shown, also in a later attempt', async () => {
    const instanceId = await rent();
    expect(await destroy({ lastCreateAt: now() })).toBe(instanceId);
    expect(await destroy({ lastCreateAt: now() })).toBeUndefined();
    const left = { acknowledged: [instanceId], found: [instanceId], alarmRaised: false };
    expect(await destroy({ lastCreateAt: now() }, left)).toBe(instanceId);
  });

  it('destroyInstance waits for the instance of an uncertain create to appear', async () => {
    cloud.faults.hiddenFor = 30;
    await rent();
    await destroy({ lastCreateAt: now() });
    expect(cloud.left).toBe(0);
  });

  it('destroyInstance keeps polling while a cloud wrongly shows no instance and accepts no delete', async () => {
    const instanceId = await rent();
    cloud.faults.hideAllFor = 10;
    await destroy({ instanceId });
    expect([cloud.faults.hideAllFor, cloud.left]).toEqual([0, 0]);
  });

  it('destroyInstance remembers across attempts which deletes the cloud accepted', async () => {
    const instanceId = await rent();
    await cloud.deleteInstance(instanceId);
    cloud.keyObjects.clear();
    const began = time;
    await destroy({ instanceId }, { acknowledged: [instanceId] });
    expect(time - began).toBeLessThan(settle);
  });

  it('destroyInstance retries while the cloud refuses the delete', async () => {
    cloud.faults.deleteConflicts = 10;
    await rent();
    await destroy();
    expect(cloud.left).toBe(0);
  });

  it('destroyInstance destroys the instance and fails when its keys cannot be listed', async () => {
    await rent();
    cloud.keys.list = () => Promise.reject(new Error('keys are broken'));
    await expect(destroy()).rejects.toThrow('keys are broken');
    expect(cloud.instances.size).toBe(0);
  });

  it('destroyInstance never fails without a retry', async () => {
    await rent();
    cloud.faults.list = 'unauthorized';
    await expect(destroy()).rejects.toMatchObject({ type: 'unauthorized', nonRetryable: false });
  });
});
