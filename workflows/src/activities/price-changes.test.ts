import { expect, it } from 'vitest';
import { isWorthReporting } from './price-changes.ts';

const minute = 60_000;
const counted = {
  instanceId: 'i',
  createdAt: 0,
  pricedAt: 0,
  pricePerHour: 2,
  orderedPricePerHour: 2,
  maxPricePerHour: 3,
};

it.each([
  ['a price above the limit at once', 3.01, {}, 0, true],
  ['a steep rise at once', 2.2, {}, 0, true],
  ['no price that is counted already', 2, {}, 60 * minute, false],
  ['a small rise only after a quarter of an hour', 2.05, {}, 14 * minute, false],
  ['a small rise after a quarter of an hour', 2.05, {}, 15 * minute, true],
  ['no price below the order', 1, {}, 60 * minute, false],
  ['the fall of a raised price after a quarter of an hour', 1, { pricePerHour: 2.5 }, 15 * minute, true],
  ['no fall of a raised price sooner', 1, { pricePerHour: 2.5 }, 14 * minute, false],
  ['any rise where there is no limit', 100, { maxPricePerHour: undefined }, 0, true],
])('a watch reports %s', (_what, reported, change, now, expected) => {
  expect(isWorthReporting(reported, { ...counted, ...change }, now)).toBe(expected);
});
