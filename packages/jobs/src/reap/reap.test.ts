import { beforeEach, describe, expect, it } from 'vitest';
import { FakeCloud } from '../../test/fake-cloud.ts';
import { type ReapOptions, reap } from './reap.ts';

const start = Date.parse('2026-11-21T12:00:00Z');
const minute = 60_000;
const mine = 'gpuc-default-run-0';
const unowned = async () => false;

let cloud: FakeCloud;
beforeEach(() => {
  cloud = new FakeCloud('verda', [{}], { host: '127.0.0.1', port: 22, user: 'root' });
});

async function rent(instanceName: string): Promise<string> {
  const [offer] = await cloud.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  return (await cloud.createInstance({ offer, name: instanceName, publicKey: '' })).id;
}

const runReaper = (options: Partial<ReapOptions> = {}) =>
  reap({ clouds: [cloud], fleet: 'default', now: start, isWanted: unowned, ...options });

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
    for (const instanceName of ['my-own-machine', 'gpuc-other-run-0', 'gpuc-default', 'gpuc-default2-run-0'])
      await rent(instanceName);
    const report = await runReaper({ force: true });
    expect([report.destroyed, report.waiting, cloud.left]).toEqual([[], [], 4]);
  });

  it('reap keeps an instance with an owner and drops its earlier date', async () => {
    await rent(mine);
    const { orphansSince } = await runReaper();
    const report = await runReaper({ orphansSince, now: start + 60 * minute, isWanted: async () => true });
    expect(report).toMatchObject({ destroyed: [], wanted: [mine], orphansSince: {} });
    expect(cloud.left).toBe(1);
  });

  it('reap destroys an instance whose owner is past its cap and reports over-cap', async () => {
    await rent(mine);
    const isWanted = async () => 'over-cap' as const;
    const { orphansSince, ...first } = await runReaper({ isWanted });
    expect([first.destroyed, cloud.left]).toEqual([[], 1]);
    const second = await runReaper({ isWanted, orphansSince, now: start + 10 * minute });
    expect(second.destroyed).toMatchObject([{ instanceName: mine, why: 'over-cap' }]);
    expect(cloud.left).toBe(0);
  });

  it('reap destroys nothing while owners cannot be determined', async () => {
    await rent(mine);
    const { orphansSince } = await runReaper();
    const isWanted = () => Promise.reject(new Error('Temporal is down'));
    const report = await runReaper({ orphansSince, now: start + 60 * minute, isWanted });
    expect(report.failures[0]?.message).toContain('Temporal is down');
    expect(cloud.left).toBe(1);
  });

  it('reap without isWanted destroys nothing unless force is set', async () => {
    await rent(mine);
    const { isWanted, ...withoutOwners } = { clouds: [cloud], fleet: 'default', isWanted: undefined };
    const { orphansSince } = await reap({ ...withoutOwners, now: start });
    await reap({ ...withoutOwners, orphansSince, now: start + 60 * minute });
    expect(cloud.left).toBe(1);
    expect((await reap({ ...withoutOwners, force: true })).destroyed).toHaveLength(1);
    expect(cloud.left).toBe(0);
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
    const report = await runReaper({ clouds: [broken, cloud], orphansSince: before, now: start + 60 * minute });
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
    expect([report.destroyed[0]?.what, report.waiting[0]?.what]).toEqual(['key', 'instance']);
  });
});
