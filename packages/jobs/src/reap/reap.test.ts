import type { Cloud } from '@gpu-clouds/clouds';
import { formatInstanceName } from '@gpu-clouds/clouds/pure';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeCloud } from '../../test/fake-cloud.ts';
import type { OwnerState } from './owner-state.ts';
import type { FindOwners } from './owners.ts';
import { listFleets, type ReapOptions, reap } from './reap.ts';

const start = Date.parse('2026-11-21T12:00:00Z');
const minute = 60_000;
const deadline = start + 60 * minute;
const nameOf = (fleet: string) => formatInstanceName({ fleet, run: 'run', ordinal: 0, deadline });
const mine = nameOf('default');
/** All owners are in this state. */
const all =
  (state: OwnerState | Error): FindOwners =>
  async (ids) =>
    new Map(ids.map((id) => [id, state]));

let cloud: FakeCloud;
beforeEach(() => {
  cloud = new FakeCloud('verda', [{}], { host: '127.0.0.1', port: 22, user: 'root' });
});

async function rent(instanceName: string): Promise<string> {
  const [offer] = await cloud.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  return (await cloud.createInstance({ offer, name: instanceName, publicKey: '' })).id;
}

/** An account with job deployments and no instances. */
function fakeAccount(list: () => Promise<readonly string[]>, remove = async () => ({ accepted: true })): Cloud {
  const unexpected = () => Promise.reject(new Error('The test did not expect this call.'));
  return {
    vendor: 'verda',
    listOffers: unexpected,
    createInstance: unexpected,
    getInstance: unexpected,
    deleteInstance: unexpected,
    listInstances: async () => [],
    jobs: {
      listOffers: unexpected,
      create: unexpected,
      submit: unexpected,
      poll: unexpected,
      result: unexpected,
      get: async () => undefined,
      list,
      delete: remove,
    },
  };
}

const runReaper = (options: Partial<ReapOptions> = {}) =>
  reap({ clouds: [cloud], fleet: 'default', now: start, findOwners: all('closed'), ...options });

describe('reap', () => {
  it('reap destroys an orphan at the second run, after the grace period', async () => {
    await rent(mine);
    const { orphansSince, ...first } = await runReaper();
    expect([first.destroyed, cloud.left]).toEqual([[], 1]);
    const early = await runReaper({ orphansSince, now: start + 9 * minute });
    expect([early.destroyed, cloud.left]).toEqual([[], 1]);
    const late = await runReaper({ orphansSince: early.orphansSince, now: start + 10 * minute });
    expect(late.destroyed).toMatchObject([
      { vendor: 'verda', what: 'instance', instanceName: mine, why: 'unowned', since: '2026-11-21T12:00:00.000Z' },
    ]);
    expect(cloud.left).toBe(0);
  });

  it('reap destroys orphaned keys', async () => {
    await cloud.keys.create({ name: mine, publicKey: '' });
    const { orphansSince } = await runReaper();
    await runReaper({ orphansSince, now: start + 11 * minute });
    expect(cloud.left).toBe(0);
  });

  it('reap ignores instances of other fleets, even with force', async () => {
    for (const instanceName of ['my-own-machine', nameOf('other'), 'gpuc-default', nameOf('default2')])
      await rent(instanceName);
    const report = await runReaper({ force: true });
    expect([report.destroyed, report.waiting, cloud.left]).toEqual([[], [], 4]);
  });

  it('reap keeps an instance with an owner and drops its earlier date', async () => {
    await rent(mine);
    const { orphansSince } = await runReaper();
    const report = await runReaper({ orphansSince, now: start + 50 * minute, findOwners: all('running') });
    expect(report).toMatchObject({ destroyed: [], wanted: [mine], orphansSince: {} });
    expect(cloud.left).toBe(1);
  });

  it('reap destroys an instance whose owner is past its cap and reports over-cap', async () => {
    await rent(mine);
    const findOwners = all('over-cap');
    const { orphansSince, ...first } = await runReaper({ findOwners });
    expect([first.destroyed, cloud.left]).toEqual([[], 1]);
    const second = await runReaper({ findOwners, orphansSince, now: start + 10 * minute });
    expect(second.destroyed).toMatchObject([{ instanceName: mine, why: 'over-cap' }]);
    expect(cloud.left).toBe(0);
  });

  it('reap looks up each owner once, for all resources of its name', async () => {
    await rent(mine);
    await cloud.keys.create({ name: mine, publicKey: '' });
    const asked: string[] = [];
    const findOwners: FindOwners = (ids) => {
      asked.push(...ids);
      return all('running')(ids);
    };
    await runReaper({ findOwners });
    expect(asked).toEqual(['gpuc-default-run-0']);
  });

  it('reap destroys nothing before the deadline while owners cannot be determined', async () => {
    await rent(mine);
    const { orphansSince } = await runReaper();
    for (const findOwners of [
      all(new Error('Temporal is down')),
      () => Promise.reject(new Error('Temporal is down')),
    ]) {
      const report = await runReaper({ orphansSince, now: start + 50 * minute, findOwners });
      expect(report.failures[0]?.message).toContain('Temporal is down');
      expect(cloud.left).toBe(1);
    }
  });

  it('reap raises an alarm for an owner that Temporal does not know, and destroys the instance only after its deadline', async () => {
    await rent(mine);
    const findOwners = all('not-found');
    const { orphansSince, ...first } = await runReaper({ findOwners });
    expect(first.alarms).toMatchObject([{ instanceName: mine, why: 'owner-not-found' }]);
    const late = await runReaper({ findOwners, orphansSince, now: start + 69 * minute });
    expect([late.alarms.length, cloud.left]).toEqual([1, 1]);
    const overdue = await runReaper({ findOwners, now: start + 70 * minute });
    expect(overdue.destroyed).toMatchObject([{ instanceName: mine, why: 'overdue' }]);
    expect(cloud.left).toBe(0);
  });

  it('reap without Temporal destroys what is past its deadline and grace period, and nothing else', async () => {
    await rent(mine);
    await rent(formatInstanceName({ fleet: 'default', run: 'young', ordinal: 0, deadline: start + 500 * minute }));
    const withoutOwners = { clouds: [cloud], fleet: 'default' };
    await reap({ ...withoutOwners, now: start + 69 * minute });
    expect(cloud.left).toBe(2);
    const report = await reap({ ...withoutOwners, now: start + 70 * minute });
    expect(report.destroyed).toMatchObject([{ instanceName: mine, why: 'overdue' }]);
    expect(cloud.left).toBe(1);
  });

  it('reap destroys nothing by its deadline while the clock of this machine is off by more than five minutes', async () => {
    await rent(mine);
    const skewed = Object.assign(cloud, { clockSkewMs: () => 6 * minute });
    const report = await reap({ clouds: [skewed], fleet: 'default', now: start + 500 * minute });
    expect([report.destroyed, cloud.left]).toEqual([[], 1]);
    expect(report.failures[0]?.message).toContain("clock differs from the vendor's by 6 minutes");
  });

  it('reap raises an alarm for an overdue instance of another fleet and does not touch it', async () => {
    await rent(nameOf('other'));
    const report = await runReaper({ now: start + 500 * minute, force: true });
    expect(report.alarms).toMatchObject([{ instanceName: nameOf('other'), why: 'overdue-in-unknown-fleet' }]);
    expect(cloud.left).toBe(1);
  });

  it('reap rejects a fleet whose name is invalid before it lists anything', async () => {
    await expect(reap({ clouds: [], fleet: 'Not-a-fleet' })).rejects.toThrow(RangeError);
  });

  it.each([5 * minute, -5 * minute])('reap goes by deadlines with a clock that is off by %d ms', async (skew) => {
    await rent(mine);
    const skewed = Object.assign(cloud, { clockSkewMs: () => skew });
    const report = await reap({ clouds: [skewed], fleet: 'default', now: start + 70 * minute });
    expect([report.failures, cloud.left]).toEqual([[], 0]);
  });

  it('reap names each list that it cannot read', async () => {
    const fails = () => Promise.reject(new Error('no'));
    const broken = {
      ...fakeAccount(fails),
      listInstances: fails,
      keys: { list: fails, create: fails, delete: fails },
      volumes: { list: fails, delete: fails },
    };
    const { failures } = await runReaper({ clouds: [broken] });
    expect(failures.map(({ message }) => message)).toEqual([
      'Instances could not be listed: no',
      'Keys could not be listed: no',
      'Volumes could not be listed: no',
      'Job deployments could not be listed: no',
    ]);
  });

  it('reap names each thing that it cannot delete', async () => {
    const fails = () => Promise.reject(new Error('no'));
    const account = {
      ...fakeAccount(async () => [mine], fails),
      keys: { list: async () => [{ id: 'same', name: mine }], create: fails, delete: fails },
      volumes: { list: async () => [{ id: 'same', name: mine, instanceIds: [] }], delete: fails },
    };
    const { failures, waiting, destroyed } = await runReaper({ clouds: [account], force: true });
    expect(failures.map(({ message }) => message).sort()).toEqual(
      ['job-deployment', 'key', 'volume'].map((what) => `${what} ${mine}: no`),
    );
    expect([waiting.length, destroyed]).toEqual([3, []]);
  });

  it('reap says what cannot be listed any more when it destroys', async () => {
    await rent(mine);
    const { listInstances } = cloud;
    let lists = 0;
    cloud.listInstances = () => (lists++ === 0 ? listInstances.call(cloud) : Promise.reject(new Error('no')));
    const { failures } = await runReaper({ force: true });
    expect(failures).toEqual([{ vendor: 'verda', message: 'instances: no' }]);
  });

  it('reap asks for owners of its own fleet only, and wants nothing of others', async () => {
    for (const name of ['my-own-machine', nameOf('other'), mine]) await rent(name);
    const asked: string[] = [];
    const findOwners: FindOwners = (ids) => {
      asked.push(...ids);
      return all('running')(ids);
    };
    const report = await runReaper({ findOwners });
    expect([asked, report.wanted]).toEqual([['gpuc-default-run-0'], [mine]]);
  });

  it('reap says how many owners could not be determined', async () => {
    await rent(mine);
    await rent(nameOf('other'));
    const { failures } = await runReaper({ findOwners: () => Promise.reject(new Error('down')) });
    expect(failures.map(({ message }) => message)).toEqual(['The owners of 1 resources could not be determined: down']);
  });

  it('reap forgets the date of an orphan that is not listed any more', async () => {
    const before = { 'verda/instance/1': '2026-11-21T11:00:00.000Z' };
    expect((await runReaper({ orphansSince: before })).orphansSince).toEqual({});
    cloud.faults.list = 'unavailable';
    const other = { 'tensordock/instance/1': '2026-11-21T11:00:00.000Z' };
    expect((await runReaper({ orphansSince: { ...before, ...other } })).orphansSince).toEqual(before);
  });

  it('listFleets counts job deployments, but neither keys nor volumes', async () => {
    const name = nameOf('batch');
    const volumes = {
      list: async () => [{ id: 'v1', name: nameOf('disks'), instanceIds: [] }],
      delete: async () => ({ accepted: true }),
    };
    const account = { ...fakeAccount(async () => [name, 'not-ours']), volumes };
    expect(await listFleets([account])).toEqual(
      new Map([
        ['batch', 1],
        ['disks', 0],
      ]),
    );
  });

  it('listFleets counts the instances of each fleet in the accounts', async () => {
    for (const name of ['my-own-machine', nameOf('other'), mine]) await rent(name);
    await cloud.keys.create({ name: mine, publicKey: '' });
    expect(await listFleets([cloud])).toEqual(
      new Map([
        ['other', 1],
        ['default', 1],
      ]),
    );
  });

  it('reap in a dry run destroys nothing, even with force', async () => {
    await rent(mine);
    const report = await runReaper({ dryRun: true, force: true });
    expect(report.waiting).toHaveLength(1);
    expect(cloud.left).toBe(1);
  });

  it('reap cleans up the other clouds when one fails and keeps the orphans of that one', async () => {
    const broken = new FakeCloud('tensordock', [{}], { host: '127.0.0.1', port: 22, user: 'root' });
    await rent(mine);
    const { orphansSince } = await runReaper();
    broken.faults.list = 'unavailable';
    const before = { ...orphansSince, 'tensordock/instance/1': '2026-11-21T11:00:00.000Z' };
    const report = await runReaper({ clouds: [broken, cloud], orphansSince: before, now: start + 50 * minute });
    expect(report.failures).toMatchObject([{ vendor: 'tensordock' }]);
    expect(report.destroyed).toHaveLength(1);
    expect(report.orphansSince).toHaveProperty('tensordock/instance/1', '2026-11-21T11:00:00.000Z');
  });

  it('reap keeps a volume until the instance that uses it is gone', async () => {
    const instanceId = await rent(mine);
    const volume = { id: 'v1', name: mine, instanceIds: [instanceId] };
    const deleted: string[] = [];
    const volumes = {
      list: async () => (deleted.includes('v1') ? [] : [volume]),
      delete: async (id: string) => ({ accepted: deleted.push(id) > 0 }),
    };
    const clouds = [Object.assign(cloud, { volumes })];
    const first = await runReaper({ clouds, force: true });
    expect([first.destroyed.map(({ what }) => what), deleted]).toEqual([['instance'], []]);
    volume.instanceIds = [];
    const second = await runReaper({ clouds, force: true });
    expect([second.destroyed.map(({ what }) => what), deleted]).toEqual([['volume'], ['v1']]);
  });

  it('reap reports a delete that the vendor refuses, keeps that orphan waiting, and destroys the others', async () => {
    await rent(mine);
    await cloud.keys.create({ name: mine, publicKey: '' });
    cloud.deleteInstance = () => Promise.reject(new Error('no'));
    const report = await runReaper({ force: true });
    expect(report.failures).toEqual([{ vendor: 'verda', message: `instance ${mine}: no` }]);
    expect([report.destroyed, report.waiting].map((some) => some.map(({ what }) => what))).toEqual([
      ['key'],
      ['instance'],
    ]);
  });

  it('reap reports each resource with its key and its price', async () => {
    const id = await rent(mine);
    await cloud.keys.create({ name: mine, publicKey: '' });
    cloud.faults.price = 7;
    const { waiting } = await runReaper();
    expect(waiting).toEqual([
      {
        key: `verda/instance/${id}`,
        vendor: 'verda',
        what: 'instance',
        id,
        instanceName: mine,
        pricePerHour: 7,
        why: 'unowned',
        since: '2026-11-21T12:00:00.000Z',
      },
      expect.objectContaining({ what: 'key', pricePerHour: undefined }),
    ]);
  });

  it('reap waits for another grace period if one is given', async () => {
    await rent(mine);
    const { orphansSince } = await runReaper();
    await runReaper({ orphansSince, now: start + minute, graceMs: minute + 1 });
    expect(cloud.left).toBe(1);
    await runReaper({ orphansSince, now: start + minute, graceMs: minute });
    expect(cloud.left).toBe(0);
  });

  it('reap keeps the date of an orphan from its first run on', async () => {
    await rent(mine);
    const { orphansSince } = await runReaper();
    const { waiting } = await runReaper({ orphansSince, now: start + minute });
    expect(waiting).toMatchObject([{ since: '2026-11-21T12:00:00.000Z' }]);
  });

  it('reap names an instance once that several clouds or resources need', async () => {
    const other = new FakeCloud('tensordock', [{}], { host: '127.0.0.1', port: 22, user: 'root' });
    for (const each of [cloud, other]) await each.keys.create({ name: mine, publicKey: '' });
    const report = await runReaper({ clouds: [cloud, other], findOwners: all('running') });
    expect(report.wanted).toEqual([mine]);
  });

  it('reap says by how many minutes a clock is off, in either direction, and what that means', async () => {
    await rent(mine);
    const skewed = Object.assign(cloud, { clockSkewMs: () => -6.4 * minute });
    const { failures } = await reap({ clouds: [skewed], fleet: 'default', now: start + 500 * minute });
    expect(failures).toEqual([
      {
        vendor: 'verda',
        message:
          "This machine's clock differs from the vendor's by 6 minutes. Set it right. Nothing is destroyed by its deadline.",
      },
    ]);
  });

  it('reap says what was thrown without being an error', async () => {
    await rent(mine);
    const { failures } = await runReaper({ findOwners: () => Promise.reject('down') });
    expect(failures).toMatchObject([{ message: 'The owners of 1 resources could not be determined: down' }]);
  });

  it('reap names the owner that could not be determined', async () => {
    await rent(mine);
    const { failures, wanted } = await runReaper({ findOwners: all(new Error('down')) });
    expect(failures).toMatchObject([
      { message: 'gpuc-default-run-0 was kept, because its owner could not be determined: down' },
    ]);
    expect(wanted).toEqual([mine]);
  });

  it('reap passes its signal on to lists and deletes', async () => {
    const { signal } = new AbortController();
    const signals: unknown[] = [];
    const account = fakeAccount(async () => []);
    const noting: Cloud = {
      ...account,
      listInstances: async (options) => {
        signals.push(options?.signal);
        return [{ vendor: 'verda', id: 'i', name: mine, status: 'running', vendorStatus: '', volumeIds: [] }];
      },
      deleteInstance: async (_, options) => {
        signals.push(options?.signal);
        return { accepted: true };
      },
    };
    await runReaper({ clouds: [noting], signal, force: true });
    expect(signals).toEqual([signal, signal, signal]);
  });

  it('reap lists nothing again if there is nothing to destroy', async () => {
    let lists = 0;
    const account = fakeAccount(async () => {
      lists += 1;
      return [];
    });
    await runReaper({ clouds: [account] });
    expect(lists).toBe(1);
  });
});
