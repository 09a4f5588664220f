import { expect, it } from 'vitest';
import { offerOf } from '../../test/fake-cloud.ts';
import { type JobFacts, type JobInstance, statusAt } from '../job-status.ts';
import { type CostPart, groupCosts, leaseParts, runParts } from './cost-parts.ts';
import type { ListedJob } from './job-statuses.ts';
import { type LeaseSummary, leaseCost } from './lease-summary.ts';

const part = (values: Partial<CostPart>): CostPart => ({
  run: 'a',
  vendor: 'verda',
  gpu: 'H100 SXM',
  day: '2026-11-27',
  tags: {},
  dollars: 1,
  ...values,
});

it('costs are grouped by vendor with the most expensive first, and count each run once', () => {
  const parts = [part({}), part({ day: '2026-11-28' }), part({ run: 'b', vendor: 'gpu-ai', dollars: 5 })];
  expect(groupCosts(parts, 'vendor')).toEqual([
    { name: 'gpu-ai', runs: 1, dollars: 5 },
    { name: 'verda', runs: 1, dollars: 2 },
  ]);
});

it('costs are grouped by day in the order of the days', () => {
  const parts = [part({ day: '2026-11-28', dollars: 9 }), part({}), part({ day: '2026-11-29' })];
  const days = ['2026-11-27', '2026-11-28', '2026-11-29'];
  expect(groupCosts(parts, 'day').map(({ name }) => name)).toEqual(days);
  expect(groupCosts(parts.toReversed(), 'day').map(({ name }) => name)).toEqual(days);
});

it('costs of runs without the tag are in a group of their own', () => {
  const parts = [part({ tags: { team: 'vision' } }), part({ run: 'b' })];
  expect(groupCosts(parts, 'tag', 'team').map(({ name }) => name)).toEqual(['vision', '(no tag)']);
});

it.each(['__proto__', 'constructor', 'toString'])(
  'costs of runs without the tag %j are in the group of those without it, although every object has such a property',
  (tag) => {
    const tagged = part({ run: 'b', tags: Object.fromEntries([[tag, 'vision']]) });
    expect(groupCosts([part({}), tagged], 'tag', tag).map(({ name }) => name)).toEqual(['(no tag)', 'vision']);
  },
);

it('without the name of a tag, costs are grouped by all tags of the runs', () => {
  const parts = [part({ tags: { team: 'vision', owner: 'ada' } }), part({ run: 'b', dollars: 0.5 })];
  expect(groupCosts(parts, 'tag').map(({ name }) => name)).toEqual(['owner=ada team=vision', '(no tag)']);
});

const day = (date: number, hours = 0) => Date.UTC(2026, 10, date, hours);
const iso = (date: number, hours?: number) => new Date(day(date, hours)).toISOString();
const now = day(28, 12);
const whole = { from: 0, to: now };

function run(facts: Partial<JobFacts>): ListedJob {
  const all: JobFacts = {
    id: 'a',
    name: 'a',
    nodes: 1,
    phase: 'running',
    startedAt: iso(26, 23),
    phaseSince: iso(26, 23),
    instances: [],
    failures: [],
    ...facts,
  };
  return {
    id: 'a',
    name: 'a',
    fleet: 'f',
    startedAt: new Date(day(26)),
    tags: { team: 'vision' },
    status: statusAt(all, now),
  };
}

function instance(values: Partial<JobInstance>): JobInstance {
  const offer = { ...offerOf('verda', 'x'), gpu: 'H100 SXM' };
  return { instanceName: 'gpuc-f-a-0', node: 0, offer, pricePerHour: 2, since: iso(26, 23), ...values };
}

it('each UTC day gets its part of the cost of an instance', () => {
  const common = { run: 'a', tags: { team: 'vision' }, vendor: 'verda', gpu: 'H100 SXM' };
  expect([...runParts(run({ instances: [instance({})] }), whole)]).toEqual([
    { ...common, day: '2026-11-26', dollars: 2 },
    { ...common, day: '2026-11-27', dollars: 48 },
    { ...common, day: '2026-11-28', dollars: 24 },
  ]);
});

it('an instance costs nothing after it is gone, and nothing on a day that it does not reach', () => {
  const instances = [instance({ until: iso(27) })];
  expect([...runParts(run({ instances }), whole)]).toMatchObject([{ day: '2026-11-26', dollars: 2 }]);
});

it('the cost of an ended run that no instance explains has an unknown vendor, on the day of its start', () => {
  const ended: Partial<JobFacts> = { phase: 'finished', endedAt: iso(27, 1), dollars: 10 };
  const instances = [instance({ until: iso(27) })];
  expect([...runParts(run({ ...ended, instances }), whole)]).toMatchObject([
    { vendor: 'verda', dollars: 2 },
    {
      run: 'a',
      tags: { team: 'vision' },
      vendor: '(unknown)',
      gpu: '(unknown)',
      day: '2026-11-26',
      dollars: 8,
    },
  ]);
  expect([...runParts(run({ ...ended, dollars: 2, instances }), whole)]).toHaveLength(1);
  expect([...runParts(run({ ...ended, phase: 'destroying' }), whole)]).toEqual([]);
});

it('only what was spent in the span counts, also of runs and leases that started before', () => {
  const span = { from: day(27, 22), to: now };
  expect([...runParts(run({ instances: [instance({})] }), span)]).toMatchObject([
    { day: '2026-11-27', dollars: 4 },
    { day: '2026-11-28', dollars: 24 },
  ]);
  expect([...runParts(run({ instances: [instance({ until: iso(27) })] }), span)]).toEqual([]);
  expect([...leaseParts(lease, { from: day(28, 11), to: now })]).toMatchObject([{ day: '2026-11-28', dollars: 4 }]);
});

it('of what no instance explains, the part of the span counts', () => {
  const ended = run({ phase: 'finished', endedAt: iso(27, 3), dollars: 8 });
  expect([...runParts(ended, { from: day(27, 2), to: now })]).toMatchObject([{ day: '2026-11-27', dollars: 2 }]);
  expect([...runParts(ended, { from: day(27, 4), to: now })]).toEqual([]);
});

const lease: LeaseSummary = {
  id: 'gpuc-f-l-0',
  name: 'mine',
  fleet: 'f',
  state: 'ready',
  vendor: 'verda',
  gpus: '16x H100 SXM',
  pricePerHour: 4,
  startedAt: new Date(day(27, 23)),
};

it('a lease costs its price on each day, under its name', () => {
  const common = { run: 'mine', tags: {}, vendor: 'verda', gpu: 'H100 SXM' };
  expect([...leaseParts(lease, whole)]).toEqual([
    { ...common, day: '2026-11-27', dollars: 4 },
    { ...common, day: '2026-11-28', dollars: 48 },
  ]);
  expect([...leaseParts({ ...lease, endedAt: new Date(day(28, 1)) }, whole)]).toMatchObject([
    { dollars: 4 },
    { dollars: 4 },
  ]);
});

it('a lease counts at each of its prices for the time in which it had that price', () => {
  const earlierPrices = [{ until: iso(28, 2), pricePerHour: 1 }];
  expect([...leaseParts({ ...lease, earlierPrices }, whole)]).toMatchObject([{ dollars: 1 }, { dollars: 42 }]);
  expect(leaseCost({ ...lease, earlierPrices }, now)).toBe(43);
});

it('a lease whose create was refused costs nothing', () => {
  const refused: LeaseSummary = { ...lease, state: 'failed', endedAt: new Date(day(28, 1)), neverExisted: true };
  expect([...leaseParts(refused, whole)]).toEqual([]);
  expect(leaseCost(refused, now)).toBe(0);
});

it('a lease without a price or an offer costs nothing known', () => {
  const bare = { ...lease, vendor: undefined, gpus: undefined, pricePerHour: undefined };
  expect([...leaseParts(bare, whole)]).toMatchObject([
    { vendor: '(unknown)', gpu: '(unknown)', dollars: 0 },
    { dollars: 0 },
  ]);
});
