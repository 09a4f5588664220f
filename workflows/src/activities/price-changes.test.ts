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
  ['a price above the limit at once', 3.01, { pricePerHour: 3 }, 0, true],
  ['no price that equals the limit but for a rounding error', 3 + 5e-7, { pricePerHour: 3 }, 0, false],
  ['a steep rise at once', 2.2, {}, 0, true],
  ['no rise by a twentieth at once', 2.1, {}, 0, false],
  ['no price that is counted already', 2, {}, 60 * minute, false],
  ['a small rise only after a quarter of an hour', 2.05, {}, 14 * minute, false],
  ['a small rise after a quarter of an hour', 2.05, {}, 15 * minute, true],
  [
    'a small rise a quarter of an hour after the latest report, not sooner',
    2.05,
    { pricedAt: minute },
    15 * minute,
    false,
  ],
  ['no price below the order', 1, {}, 60 * minute, false],
  ['the fall of a raised price after a quarter of an hour', 1, { pricePerHour: 2.5 }, 15 * minute, true],
  ['no fall of a raised price sooner', 1, { pricePerHour: 2.5 }, 14 * minute, false],
  ['any rise where there is no limit', 100, { maxPricePerHour: undefined }, 0, true],
])('a watch reports %s', (_what, reported, change, now, expected) => {
  expect(isWorthReporting(reported, { ...counted, ...change }, now)).toBe(expected);
});
