import type { InstanceRequest } from '@gpu-clouds/jobs/contract';
import { costOf } from '@gpu-clouds/jobs/contract';
import { offerOf } from '@gpu-clouds/jobs/test';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LeaseTime } from './lease-time.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 28, 12);
/** The name's deadline is at 12:00 on the next day. */
const instanceName = `gpuc-a-r-0-${((start + 24 * hour) / 60_000).toString(36)}`;
const offer = { ...offerOf('verda', 'a'), pricePerHour: 2, storage: 100 };

beforeEach(() => void vi.useFakeTimers({ now: start, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

function timeOf(request: Partial<InstanceRequest> = {}): LeaseTime {
  return new LeaseTime({ instanceName, run: 'r', offer, ttlSeconds: 3600, ...request });
}

function hoursLater(hours: number): void {
  vi.setSystemTime(start + hours * hour);
}

it('the TTL ends an instance that counts from its start', () => {
  const time = timeOf();
  hoursLater(0.5);
  expect([time.startedAt, time.endsAt]).toEqual([start, start + hour]);
});

it("the name's deadline ends an instance that has a longer TTL", () => {
  const time = timeOf({ ttlSeconds: 48 * 3600 });
  expect([time.deadline, time.endsAt]).toEqual([start + 24 * hour, start + 24 * hour]);
});

it('without a deadline in the name, the longest possible TTL is the deadline', () => {
  const ownerId = { instanceName: 'gpuc-a-r-0' };
  expect(timeOf({ ...ownerId, maxTtlSeconds: 7200 }).deadline).toBe(start + 2 * hour);
  expect(timeOf(ownerId).deadline).toBe(start + hour);
  expect(timeOf({ instanceName: 'mine' }).deadline).toBe(start + hour);
});

it('maxDollars ends an instance when they are spent at its price', () => {
  expect(timeOf({ maxDollars: 1 }).endsAt).toBe(start + hour / 2);
  expect(timeOf({ maxDollars: 10 }).endsAt).toBe(start + hour);
});

it('the price includes the ordered disk', () => {
  const growing = { ...offer, growth: { storage: { max: 1000, pricePerHour: 0.01 } } };
  const time = timeOf({ offer: growing, storage: 300 });
  expect([time.pricePerHour, time.pricing.orderedPricePerHour]).toEqual([4, 4]);
});

it('the first reported price counts from the start, even if it is reported late', () => {
  const time = timeOf({ maxDollars: 4, ttlSeconds: 7200 });
  hoursLater(0.5);
  time.report(4);
  expect(time.pricePerHour).toBe(4);
  expect(time.spentUntil(start + hour / 2)).toBe(2);
  expect(time.endsAt).toBe(start + hour);
  expect(time.pricedSince).toBeUndefined();
});

it('a later price counts from its report, and what was spent before stays', () => {
  const time = timeOf({ maxDollars: 6, ttlSeconds: 24 * 3600 });
  time.report(2);
  hoursLater(1);
  time.report(8);
  expect(time.pricedSince).toBe(new Date(start + hour).toISOString());
  expect(time.spentUntil(start + hour)).toBe(2);
  expect(time.spentUntil(start + 1.25 * hour)).toBe(4);
  expect(time.affordableUntil(4)).toBe(start + 1.25 * hour);
  expect(time.endsAt).toBe(start + 1.5 * hour);
  hoursLater(1.25);
  time.report(4);
  expect(time.spentUntil(start + 1.5 * hour)).toBe(5);
});

it('a price that is reported again changes nothing', () => {
  const time = timeOf();
  time.report(3);
  hoursLater(0.5);
  time.report(3);
  expect([time.pricedSince, time.spentUntil(start + hour)]).toEqual([undefined, 3]);
});

it('a reported price below the ordered one counts as the ordered one', () => {
  const time = timeOf();
  time.report(1);
  expect(time.pricePerHour).toBe(2);
});

it('watchers of the price know what is counted, since when, and the limit', () => {
  const time = timeOf({ maxPricePerHour: 5 });
  time.report(2);
  hoursLater(0.5);
  time.report(3);
  expect(time.pricing).toEqual({
    pricePerHour: 3,
    pricedAt: start + hour / 2,
    orderedPricePerHour: 2,
    maxPricePerHour: 5,
  });
});

it('a reported price above the limit releases the instance, and is counted until then', () => {
  const time = timeOf({ maxPricePerHour: 2.5 });
  expect(() => time.report(2.6)).toThrow(
    expect.objectContaining({
      type: 'price-exceeded',
      message: `${instanceName} costs $2.6000 per hour at verda, above maxPricePerHour ($2.5). It is released.`,
    }),
  );
  expect(time.pricePerHour).toBe(2.6);
});

it('a reported price that exceeds the limit by a rounding error is allowed', () => {
  const time = timeOf({ maxPricePerHour: 2.5 });
  time.report(2.5);
  time.report(2.5 + 1e-7);
  expect(() => time.report(2.5 + 1e-5)).toThrow('above maxPricePerHour');
});

it('an ordered price above the limit is no reason to release what the vendor bills less for', () => {
  expect(() => timeOf({ maxPricePerHour: 1.5 }).report(1)).not.toThrow();
});

it('an extension counts from now and never shortens the time', () => {
  const time = timeOf({ maxTtlSeconds: 24 * 3600 });
  hoursLater(0.75);
  time.extend({ seconds: 60 });
  expect(time.endsAt).toBe(start + hour);
  time.extend({ seconds: 3600 });
  expect(time.endsAt).toBe(start + 1.75 * hour);
});

it('an extension adds no dollars', () => {
  const time = timeOf({ maxTtlSeconds: 24 * 3600, maxDollars: 3 });
  time.extend({ seconds: 10 * 3600 });
  expect(time.endsAt).toBe(start + 1.5 * hour);
});

it('an extension is allowed up to the longest TTL, counted from the start', () => {
  const time = timeOf({ maxTtlSeconds: 2 * 3600 });
  hoursLater(0.5);
  expect(() => time.check({ seconds: 1.5 * 3600 })).not.toThrow();
  expect(() => time.check({ seconds: 1.5 * 3600 + 1 })).toThrow(
    expect.objectContaining({
      type: 'invalid',
      message: `The lease can be extended up to ${new Date(start + 2 * hour).toISOString()} and no further.`,
    }),
  );
});

it('an extension beyond what maxDollars pays for is refused', () => {
  const time = timeOf({ maxTtlSeconds: 7200, maxDollars: 2.5 });
  expect(() => time.check({ seconds: 1.25 * 3600 })).not.toThrow();
  expect(() => time.check({ seconds: 1.26 * 3600 })).toThrow(
    `The lease may cost at most $2.50, which is spent at ${new Date(start + 1.25 * hour).toISOString()}.`,
  );
});

it("an extension never passes the name's deadline", () => {
  const time = timeOf({ maxTtlSeconds: 48 * 3600 });
  expect(() => time.check({ seconds: 24 * 3600 })).not.toThrow();
  expect(() => time.check({ seconds: 24 * 3600 + 1 })).toThrow('can be extended up to');
});

it.each([0, -1, Number.NaN])('an extension by %d seconds is refused', (seconds) => {
  expect(() => timeOf({ maxTtlSeconds: 7200 }).check({ seconds })).toThrow(
    'An extension must be longer than 0 seconds.',
  );
});

it('the instance of a run, which has limits of its own, cannot be extended', () => {
  expect(() => timeOf().check({ seconds: 60 })).toThrow(
    `${instanceName} cannot be extended, because it belongs to a run with limits of its own.`,
  );
});

it('a price that changes at every poll keeps few earlier prices, and their cost', () => {
  const time = timeOf({ ttlSeconds: 24 * 3600 });
  time.report(2);
  for (let poll = 1; poll <= 100; poll += 1) {
    hoursLater(poll / 100);
    time.report(poll % 2 === 0 ? 3 : 5);
  }
  const { earlierPrices } = time.prices;
  expect(earlierPrices).toHaveLength(20);
  const since = new Date(start).toISOString();
  const until = earlierPrices.at(-1)?.until;
  expect(costOf([{ since, until, pricePerHour: 0, earlierPrices }], start + hour)).toBeCloseTo(
    time.spentUntil(start + hour),
    9,
  );
});
