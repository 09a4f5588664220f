import { expect, it } from 'vitest';
import { offerOf } from '../../test/fake-cloud.ts';
import { costCap, costCapOf } from './cost-cap.ts';
import { jobFrom } from './parse-job.ts';

const limitsOf = (limits: object) => jobFrom({ name: 'job', command: 'true', limits }, 'test').limits;
const instance = {
  node: 0,
  instanceName: 'gpuc-a-r-0',
  offer: offerOf('verda', 'a'),
  since: '2026-11-28T00:00:00.000Z',
} as const;
const at = (...prices: number[]) => ({
  nodes: 2,
  instances: prices.map((pricePerHour) => ({ ...instance, pricePerHour })),
});

it.each([
  ['maxCost', { maxCost: 5, maxDuration: '10h' }, 1, 5],
  ['maxDuration at the price', { maxCost: 50, maxDuration: '10h' }, 1, 10],
  ['maxDuration at the price, without maxCost', { maxDuration: '30m' }, 1, 0.5],
  ['maxCost, without a price', { maxCost: 5, maxDuration: '10h' }, undefined, 5],
  ['nothing known, without both', {}, undefined, undefined],
])('the cap of a run is %s', (_, limits, pricePerHour, cap) => {
  expect(costCap(limitsOf(limits), pricePerHour)).toBe(cap);
});

it('the cap of a run that has begun is what all nodes cost at its price limit, or at its highest price so far', () => {
  const limits = limitsOf({ maxDuration: '10h' });
  expect(costCapOf(limits, at())).toBeUndefined();
  expect(costCapOf(limits, at(1, 3, 2))).toBe(60);
  expect(costCapOf(limitsOf({ maxDuration: '10h', maxPricePerHour: 4 }), at(1))).toBe(80);
});
