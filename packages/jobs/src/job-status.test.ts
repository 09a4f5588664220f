import { expect, it } from 'vitest';
import { offerOf } from '../test/fake-cloud.ts';
import { costOf, type JobInstance } from './job-status.ts';

const hour = 3_600_000;
const at = (hours: number) => new Date(hours * hour).toISOString();
const instance = (since: number, until: number | undefined, pricePerHour: number): JobInstance => ({
  instanceName: 'gpuc-default-run-0',
  node: 0,
  offer: offerOf('verda', 'a'),
  pricePerHour,
  since: at(since),
  ...(until === undefined ? {} : { until: at(until) }),
});
const instances = [instance(1, 3, 2), instance(4, undefined, 10)];

it.each([
  ['until now', 5, 0, 14],
  ['while one runs', 2, 0, 2],
  ['before the first instance', 0.5, 0, 0],
  ['from a later start', 4.5, 2, 7],
  ['for a time without an instance', 4, 3, 0],
])('costOf adds up the cost %s', (_what, now, from, dollars) => {
  expect(costOf(instances, now * hour, from * hour)).toBeCloseTo(dollars);
});

it('costOf applies each price to the time during which it was valid', () => {
  const earlierPrices = [
    { until: at(2), pricePerHour: 1 },
    { until: at(3), pricePerHour: 5 },
  ];
  const repriced = { ...instance(1, 4, 2), earlierPrices };
  expect(costOf([repriced], 10 * hour)).toBeCloseTo(1 + 5 + 2);
  expect(costOf([repriced], 3.5 * hour)).toBeCloseTo(1 + 5 + 1);
  expect(costOf([repriced], 10 * hour, 2.5 * hour)).toBeCloseTo(2.5 + 2);
});
