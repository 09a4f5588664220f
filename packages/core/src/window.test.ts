import { describe, expect, test } from 'vitest';
import { createBlock, type LimitState, type RateLimitInfo } from './limit-state.ts';
import { createTokenBucket } from './token-bucket.ts';
import { createWindow } from './window.ts';

/** What a response says, where it says nothing else. */
const says = (info: Partial<RateLimitInfo>): RateLimitInfo => ({
  quota: undefined,
  windowSeconds: undefined,
  remaining: undefined,
  resetSeconds: undefined,
  ...info,
});

/** Sends requests until one would have to wait. Returns how many went. */
function burst(state: LimitState, now: number): number {
  let sent = 0;
  for (; sent < 9 && state.waitMs(now) === 0; sent++) state.take(now);
  return sent;
}

describe('a window', () => {
  const minute = 60_000;
  const window = (quota: number, windowMs = minute) => createWindow('all', quota, windowMs);

  test('a used-up window ends one window after its first response', () => {
    const state = window(2);
    const [one, other] = [state.take(0), state.take(10)];
    expect(state.waitMs(20)).toBe(Number.POSITIVE_INFINITY);
    one(100);
    expect(state.waitMs(200)).toBe(59_900);
    other(300);
    expect(state.waitMs(60_099)).toBe(1);
    expect(state.waitMs(70_000)).toBe(0);
    expect(burst(state, 70_000)).toBe(2);
  });

  test('a request at the end of a window begins the next one, even if it is sent without waiting', () => {
    for (const at of [60_100, 70_000]) {
      const state = window(1);
      state.take(0)(100);
      state.take(at)(at + 100);
      expect(state.waitMs(at + 200)).toBe(59_900);
    }
  });

  test.each([
    [60_000, 2],
    [60_050, 1],
  ])('a response at %i ms leaves %i requests in the next window', (ended, left) => {
    const state = window(2);
    state.take(0)(100);
    state.take(59_900)(ended);
    expect(burst(state, 60_100)).toBe(left);
  });

  test('requests without a response count in both windows, and their late responses do not end the next one', () => {
    const state = window(3);
    state.take(0)(100);
    state.take(59_900)(60_050);
    const late = state.take(59_950);
    expect(burst(state, 60_100)).toBe(1);
    late(60_200);
    expect(state.waitMs(60_300)).toBe(Number.POSITIVE_INFINITY);
  });

  test('the earliest end of a window with a request of the one before follows from that one', () => {
    const state = window(3);
    state.take(0)(100);
    state.take(59_900)(60_050);
    expect(state.waitMs(60_100)).toBe(0);
    state.take(60_200)(60_250);
    state.take(119_000)(120_100);
    expect(burst(state, 120_250)).toBe(2);
  });

  test('the earliest end of a window after a pause follows from its own first request', () => {
    const state = window(2);
    state.take(0)(100);
    expect(state.waitMs(300_000)).toBe(0);
    state.take(300_000)(300_100);
    expect(burst(state, 360_100)).toBe(2);
  });

  test('a quota that a slow request used up begins again one window from now', () => {
    const state = window(1);
    state.take(0)(70_000);
    expect(state.waitMs(130_000)).toBe(minute);
  });

  test.each([
    [minute, { windowSeconds: 30 }, 30_000],
    [minute, { windowSeconds: 999 }, 59_900],
    [minute, { windowSeconds: 0 }, 59_900],
    [minute, { remaining: 0 }, 59_900],
    [2 * minute, { windowSeconds: 90 }, 90_000],
    [minute, { resetSeconds: 20 }, 19_900],
  ])('a window of %i ms whose response says %j ends after %i ms', (windowMs, info, waitMs) => {
    const state = window(1, windowMs);
    state.take(0)(100, says(info));
    expect(state.waitMs(200)).toBe(waitMs);
  });

  test.each([
    [{ remaining: 1 }, 1],
    [{ remaining: 0 }, 0],
    [{ resetSeconds: 58 }, 1],
    [{ quota: 4 }, 3],
    [{ quota: 0, remaining: 9 }, 0],
  ])('a window of 2 requests whose first response says %j allows %i more', (info, left) => {
    const state = window(2);
    state.take(0)(100, says(info));
    expect(burst(state, 200)).toBe(left);
  });

  test('a response that ends later than the window belongs to the next window', () => {
    const state = window(2);
    state.take(0)(100);
    state.take(60_050)(60_150, says({ resetSeconds: 60 }));
    const next = state.take(60_200);
    expect(state.waitMs(60_250)).toBe(59_900);
    next(119_500);
    expect(burst(state, 120_150)).toBe(1);
  });

  test('a response that ends a second before the window belongs to it', () => {
    const state = window(2);
    state.take(0)(100);
    state.take(5000)(5100, says({ resetSeconds: 55 }));
    expect(state.waitMs(5200)).toBe(54_900);
  });

  test('a response makes the earliest end later, and never earlier', () => {
    const early = window(2);
    early.take(0)(5000, says({ resetSeconds: 58 }));
    early.take(6000)(58_000);
    expect(burst(early, 63_000)).toBe(2);

    const late = window(3);
    const [first, , last] = [late.take(0), late.take(10_000)(10_100, says({ resetSeconds: 55 })), late.take(20_000)];
    first(62_000);
    last(65_000);
    expect(burst(late, 65_100)).toBe(2);
  });

  test('a window with a request under way is not idle, even if it is over', () => {
    const state = window(2);
    const [one, other] = [state.take(0), state.take(10)];
    one(100);
    expect(state.isIdle(70_000)).toBe(false);
    other(70_000);
    expect(state.isIdle(70_000)).toBe(true);
  });

  test('a window is idle while nothing is counted in it', () => {
    const state = window(1);
    expect(state.isIdle(0)).toBe(true);
    const over = state.take(0);
    expect(state.isIdle(90_000)).toBe(false);
    over(100);
    expect([state.isIdle(60_099), state.isIdle(60_100)]).toEqual([false, true]);
    state.waitMs(60_100);
    expect(state.isIdle(60_100)).toBe(true);
    state.block.start(60_100, 1000);
    expect([state.isIdle(60_100), state.isIdle(61_100)]).toEqual([false, true]);
  });
});

describe('a token bucket', () => {
  const bucket = (capacity: number) => createTokenBucket('all', 10, 1000, capacity);

  test('a token comes back after its part of the window', () => {
    const state = bucket(2);
    expect(burst(state, 0)).toBe(2);
    expect([0, 1, 50, 100].map(state.waitMs)).toEqual([100, 99, 50, 0]);
    state.take(1000);
    expect(burst(state, 1000)).toBe(1);
  });

  test('one request goes at once after a pause began, whatever the bucket held', () => {
    const state = bucket(5);
    state.block.start(0, 1000);
    expect(burst(state, 0)).toBe(1);
  });

  test('a bucket is idle when it is full and no pause is left', () => {
    const state = bucket(1);
    state.take(1000);
    expect([1000, 1001, 1099, 1100].map(state.isIdle)).toEqual([false, false, false, true]);
    state.block.start(1100, 1000);
    expect([state.isIdle(2000), state.isIdle(2100)]).toEqual([false, true]);
  });
});

test.each([
  [50_000, 5000, 550_000],
  [60_000, 5000, 0],
  [61_000, 900_000, 539_000],
  [61_000, undefined, 539_000],
])('after %i ms, a pause of 600 s has for a wait of up to %s ms another %i ms', (now, maxWaitMs, leftMs) => {
  const block = createBlock();
  block.start(20_000, 600_000);
  expect(block.leftMs(20_000 + now, maxWaitMs)).toBe(leftMs);
});
