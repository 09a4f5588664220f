import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from './clock.ts';

const day = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('systemClock fires a timer of 60 days after 60 days, although system timers are shorter', async () => {
  const done = vi.fn();
  systemClock.after(60 * day, done);
  await vi.advanceTimersByTimeAsync(60 * day - 1);
  expect(done).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toHaveBeenCalledOnce();
});

test('systemClock never fires an infinite timer, and removes it when it is cancelled', async () => {
  const done = vi.fn();
  const cancels = [systemClock.after(Number.POSITIVE_INFINITY, done), systemClock.after(60 * day, done)];
  await vi.advanceTimersByTimeAsync(30 * day);
  for (const cancel of cancels) cancel();
  await vi.advanceTimersByTimeAsync(60 * day);
  expect(done).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
