import { Client } from '@temporalio/client';
import { noopMetricMeter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import { AccountAlarm } from './account-alarm.ts';

afterEach(() => void vi.useRealTimers());

const never = () => new Promise<void>(() => undefined);

/** A client of a Temporal server that is away: only a deadline ends a call. */
function clientOf(signal: () => Promise<void>): Client {
  const withDeadline = (deadline: number, call: () => Promise<unknown>) =>
    Promise.race([
      call(),
      new Promise((_resolve, reject) =>
        setTimeout(() => reject(new Error('deadline exceeded')), deadline - Date.now()),
      ),
    ]);
  return Object.assign(new Client(), { withDeadline, workflow: { getHandle: () => ({ signal }) } });
}

it('a teardown waits two seconds at most for a Temporal server that is away, and reports a suspect account again later', async () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T12:00:00Z'), toFake: ['setTimeout', 'Date'] });
  const signal = vi.fn(never);
  let told = 'waiting';
  await mockActivity({}, clientOf(signal)).run(async () => {
    const alarm = new AccountAlarm('verda', false);
    const updating = alarm.update(true).then(() => {
      told = 'given up';
    });
    await vi.advanceTimersByTimeAsync(1999);
    expect(told).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toBe('given up');
    await updating;
    expect(alarm.raised).toBe(false);
    signal.mockResolvedValue();
    await alarm.update(true);
    expect(alarm.raised).toBe(true);
  });
  expect(signal).toHaveBeenCalledTimes(2);
});

it('the metric of a suspect account is 1 for its vendor, and 0 once its instances are back', async () => {
  const values: unknown[] = [];
  const createGauge = (name: string) => ({
    set: (value: number, tags: object) => void values.push([name, value, tags]),
  });
  const metricMeter = Object.assign(Object.create(noopMetricMeter), { createGauge });
  await new MockActivityEnvironment({}, { client: clientOf(async () => undefined), metricMeter }).run(async () => {
    const alarm = new AccountAlarm('verda', false);
    await alarm.update(true);
    await alarm.update(false);
  });
  expect(values).toEqual([
    ['gpu_clouds_account_suspect', 1, expect.objectContaining({ vendor: 'verda' })],
    ['gpu_clouds_account_suspect', 0, expect.objectContaining({ vendor: 'verda' })],
  ]);
});
