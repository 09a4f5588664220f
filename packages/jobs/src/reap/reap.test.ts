import { beforeEach, describe, expect, it } from 'vitest';
import { FakeCloud } from '../../test/fake-cloud.ts';
import { type ReapOptions, reap } from './reap.ts';

const start = Date.parse('2026-11-21T12:00:00Z');
const minute = 60_000;
const mine = 'gpuc-default-run-0';
const nobody = async () => false;

let cloud: FakeCloud;
beforeEach(() => {
  cloud = new FakeCloud('verda', [{}], { host: '127.0.0.1', port: 22, user: 'root' });
});

async function rent(instanceName: string): Promise<string> {
  const [offer] = await cloud.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  return (await cloud.createInstance({ offer, name: instanceName, publicKey: '' })).id;
}

const look = (options: Partial<ReapOptions> = {}) =>
  reap({ clouds: [cloud], fleet: 'default', now: start, isWanted: nobody, ...options });

describe('reap', () => {
  it('destroys what nobody wants at the second look, after the grace', async () => {
    await rent(mine);
    const { sightings, ...first } = await look();
    expect([first.destroyed, cloud.left]).toEqual([[], 1]);
    const early = await look({ sightings, now: start + 9 * minute });
    expect([early.destroyed, cloud.left]).toEqual([[], 1]);
    const late = await look({ sightings: early.sightings, now: start + 10 * minute });
    expect(late.destroyed).toMatchObject([
      { vendor: 'verda', what: 'instance', instanceName: mine, why: 'unowned', since: '2026-11-21T12:00:00.000Z' },
    ]);
    expect(cloud.left).toBe(0);
  });

  it('destroys keys too', async () => {
    await cloud.keys.create({ name: mine, publicKey: '' });
    const { sightings } = await look();
    await look({ sightings, now: start + 11 * minute });
    expect(cloud.left).toBe(0);
  });

  it('never looks at what is not of this fleet, even with force', async () => {
    for (const instanceName of ['my-own-machine', 'gpuc-other-run-0', 'gpuc-default', 'gpuc-default2-run-0'])
      await rent(instanceName);
    const report = await look({ force: true });
    expect([report.destroyed, report.waiting, cloud.left]).toEqual([[], [], 4]);
  });

  it('spares what somebody wants, and forgets that it ever was unclaimed', async () => {
    await rent(mine);
    const { sightings } = await look();
    const report = await look({ sightings, now: start + 60 * minute, isWanted: async () => true });
    expect(report).toMatchObject({ destroyed: [], wanted: [mine], sightings: {} });
    expect(cloud.left).toBe(1);
  });

  it('destroys what its owner should have destroyed by now, and says so', async () => {
    await rent(mine);
    const isWanted = async () => 'over-cap' as const;
    const { sightings, ...first } = await look({ isWanted });
    expect([first.destroyed, cloud.left]).toEqual([[], 1]);
    const second = await look({ isWanted, sightings, now: start + 10 * minute });
    expect(second.destroyed).toMatchObject([{ instanceName: mine, why: 'over-cap' }]);
    expect(cloud.left).toBe(0);
  });

  it('spares everything while nobody can say what is wanted', async () => {
    await rent(mine);
    const { sightings } = await look();
    const isWanted = () => Promise.reject(new Error('Temporal is down'));
    const report = await look({ sightings, now: start + 60 * minute, isWanted });
    expect(report.failures[0]?.message).toContain('Temporal is down');
    expect(cloud.left).toBe(1);
  });

  it('with nobody to ask destroys nothing but by force', async () => {
    await rent(mine);
    const { isWanted, ...unasked } = { clouds: [cloud], fleet: 'default', isWanted: undefined };
    const { sightings } = await reap({ ...unasked, now: start });
    await reap({ ...unasked, sightings, now: start + 60 * minute });
    expect(cloud.left).toBe(1);
    expect((await reap({ ...unasked, force: true })).destroyed).toHaveLength(1);
    expect(cloud.left).toBe(0);
  });

  it('a dry run destroys nothing', async () => {
    await rent(mine);
    const report = await look({ dryRun: true, force: true });
    expect(report.waiting).toHaveLength(1);
    expect(cloud.left).toBe(1);
  });

  it('one cloud that fails does not keep the others from being cleaned, nor lose its sightings', async () => {
    const broken = new FakeCloud('tensordock', [{}], { host: '127.0.0.1', port: 22, user: 'root' });
    await rent(mine);
    const { sightings } = await look();
    broken.faults.list = 'unavailable';
    const before = { ...sightings, 'tensordock/instance/1': '2026-11-21T11:00:00.000Z' };
    const report = await look({ clouds: [broken, cloud], sightings: before, now: start + 60 * minute });
    expect(report.failures).toMatchObject([{ vendor: 'tensordock' }]);
    expect(report.destroyed).toHaveLength(1);
    expect(report.sightings).toHaveProperty('tensordock/instance/1', '2026-11-21T11:00:00.000Z');
  });
});
