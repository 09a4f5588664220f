import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { temporalNow } from './temporal-now.ts';

afterEach(() => void vi.useRealTimers());

it("temporalNow returns Temporal's time on a worker whose clock is three hours ahead, and counts on", async () => {
  const scheduled = Date.parse('2026-11-21T12:00:00Z');
  vi.useFakeTimers({ now: scheduled + 3 * 3_600_000 });
  const environment = new MockActivityEnvironment({ currentAttemptScheduledTimestampMs: scheduled });
  const times = await environment.run(async () => {
    const before = temporalNow();
    vi.advanceTimersByTime(5000);
    return [before, temporalNow()];
  });
  expect(times).toEqual([scheduled, scheduled + 5000]);
});
