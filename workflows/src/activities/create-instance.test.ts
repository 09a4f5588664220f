import { FakeCloud } from '@gpu-clouds/jobs/test';
import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import type { Created, CreateInput } from './contract.ts';
import { createActivities } from './create-activities.ts';

const instanceName = 'gpuc-default-run-0';
const ssh = { host: '127.0.0.1', port: 22, user: 'root' };
/** Looks once a millisecond, for as many milliseconds as a list may lag. */
const timing = { consistencyWindowMs: 200, pollIntervalMs: 1 };

let cloud: FakeCloud;
/** A millisecond passes whenever somebody asks for the time: a list lags for so many looks, however slow the instance is. */
let time: number;
const now = () => time++;
beforeEach(() => {
  time = 0;
  cloud = new FakeCloud('verda', [{}], ssh);
});

async function create(environment = mockActivity(), contract?: string, name = instanceName): Promise<Created> {
  const { vendor } = createActivities({
    fleet: 'default',
    clouds: new Map([['verda', cloud]]),
    masterSecret: 'sixteen characters',
    timing,
    now,
  });
  const [offer] = await cloud.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  const input: CreateInput = { vendor: 'verda', instanceName: name, offer, contract };
  return environment.run(vendor.createInstance, input);
}

/** The instance that an attempt made which nobody heard from again. */
async function orphanOfAnEarlierAttempt(hiddenFor: number): Promise<string> {
  const [offer] = await cloud.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  cloud.faults.hiddenFor = hiddenFor;
  const { id } = await cloud.createInstance({ offer, name: instanceName, publicKey: '' });
  cloud.creates = 0;
  return id;
}

describe('createInstance', () => {
  it('createInstance refuses a lease of another contract version and rents nothing', async () => {
    await expect(create(mockActivity(), '9.0')).rejects.toMatchObject({ type: 'invalid', nonRetryable: true });
    expect(cloud.creates).toBe(0);
  });

  it.each([
    ['gpuc-other-run-0-abcdef', 'for the fleet "other"'],
    ['somebody', 'not an instance name'],
  ])('createInstance refuses the instance name %s, which no reaper of its fleet would find', async (name, reason) => {
    await expect(create(mockActivity(), undefined, name)).rejects.toMatchObject({
      type: 'invalid',
      message: expect.stringContaining(reason),
    });
    expect(cloud.creates).toBe(0);
  });

  it('adopts the instance that carries the instance name already', async () => {
    const id = await orphanOfAnEarlierAttempt(0);
    expect((await create()).instanceId).toBe(id);
    expect(cloud.creates).toBe(0);
  });

  it('after an attempt that died, looks for its instance for as long as a list may lag', async () => {
    const id = await orphanOfAnEarlierAttempt(20);
    expect((await create(mockActivity({ attempt: 2 }))).instanceId).toBe(id);
    expect(cloud.creates).toBe(0);
  });

  it('after an attempt that failed knowing that it made nothing, creates at once', async () => {
    cloud.faults.hiddenFor = 1;
    const lists = countLists();
    await create(mockActivity({ attempt: 2, heartbeatDetails: { clean: 1 } }));
    expect([cloud.creates, lists()]).toEqual([1, 1]);
  });

  it('does not take the word of an attempt before the last', async () => {
    const id = await orphanOfAnEarlierAttempt(20);
    const third = mockActivity({ attempt: 3, heartbeatDetails: { clean: 1 } });
    expect((await create(third)).instanceId).toBe(id);
  });

  it('tells the next attempt and the workflow that a refused create left nothing', async () => {
    cloud.faults.create = ['rate-limited'];
    const beats: unknown[] = [];
    const environment = mockActivity({ attempt: 1 });
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    await expect(create(environment)).rejects.toMatchObject({
      type: 'rate-limited',
      nonRetryable: false,
      details: [{ mayHaveTakenEffect: false, keyId: expect.any(String) }],
    });
    expect(beats.at(-1)).toEqual({ clean: 1 });
  });

  it('says that there may be an instance when an answer was lost and no list shows one', async () => {
    cloud.faults.create = ['lost'];
    cloud.faults.hiddenFor = Number.POSITIVE_INFINITY;
    await expect(create()).rejects.toMatchObject({ type: 'unavailable', details: [{ mayHaveTakenEffect: true }] });
    expect(cloud.creates).toBe(1);
  });

  it('finds the instance of a create whose answer was lost', async () => {
    cloud.faults.create = ['lost'];
    cloud.faults.hiddenFor = 10;
    expect((await create()).instanceId).toBe([...cloud.instances.keys()][0]);
    expect(cloud.creates).toBe(1);
  });

  it('makes nothing once it is cancelled', async () => {
    const environment = mockActivity();
    environment.cancel();
    expect(await create(environment)).toEqual({});
    expect(cloud.creates).toBe(0);
  });

  it.each(['workerShutdown', 'timedOut', 'paused', 'reset', 'notFound'])(
    'leaves the creating to the next attempt when this one has to end before it: %s',
    async (reason) => {
      const environment = mockActivity();
      environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ [reason]: true }));
      await expect(create(environment)).rejects.toBeInstanceOf(CancelledFailure);
      expect(cloud.creates).toBe(0);
    },
  );

  it("before it creates again, destroys the leftover disk of an earlier attempt, and nobody else's", async () => {
    const volumes = [
      { id: 'leftover', name: instanceName, instanceIds: [] },
      { id: 'attached', name: instanceName, instanceIds: ['late'] },
      { id: 'foreign', name: 'gpuc-default-other-0', instanceIds: [] },
    ];
    const calls: string[] = [];
    const destroy = async (id: string) => {
      calls.push(`${id} after ${cloud.creates} creates`);
      return { accepted: true };
    };
    Object.assign(cloud, { volumes: { list: async () => volumes, delete: destroy } });
    await create(mockActivity({ attempt: 2 }));
    expect([calls, cloud.creates]).toEqual([['leftover after 0 creates'], 1]);
  });

  it.each(['list', 'delete'])(
    'creates although a leftover disk cannot be destroyed, because its %s call fails',
    async (call) => {
      const fail = () => Promise.reject(new Error('refused'));
      const volumes = { list: async () => [{ id: 'leftover', name: instanceName, instanceIds: [] }], delete: fail };
      Object.assign(cloud, { volumes: { ...volumes, [call]: fail } });
      expect((await create(mockActivity({ attempt: 2 }))).instanceId).toBeDefined();
    },
  );

  it('uses the key object that an earlier attempt made', async () => {
    const { id } = await cloud.keys.create({ name: instanceName, publicKey: '' });
    expect((await create()).keyId).toBe(id);
    expect(cloud.keyObjects.size).toBe(1);
  });
});

function countLists(): () => number {
  let lists = 0;
  const list = cloud.listInstances.bind(cloud);
  cloud.listInstances = () => {
    lists += 1;
    return list();
  };
  return () => lists;
}
