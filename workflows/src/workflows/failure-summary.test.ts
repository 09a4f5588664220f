import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { summaryOf } from './failure-summary.ts';

const wrapped = (cause: Error) =>
  new ActivityFailure('Activity task failed', 'createInstance', '1', 'TIMEOUT', undefined, cause);

it('summaryOf returns the kind and message of the activity, not of the wrapping that Temporal adds', () => {
  expect(summaryOf(wrapped(ApplicationFailure.nonRetryable('Out of V100s.', 'no-capacity')))).toEqual({
    kind: 'no-capacity',
    message: 'Out of V100s.',
  });
});

it('summaryOf describes a timeout in words', () => {
  const timeout = new TimeoutFailure('activity Heartbeat timeout', undefined, 'HEARTBEAT');
  expect(summaryOf(wrapped(timeout))).toEqual({
    kind: 'timed-out',
    message: expect.stringContaining('within the time limit'),
  });
});

it('summaryOf gives an error without a failure kind the kind that its caller names', () => {
  const internal = ApplicationFailure.create({ type: 'TypeError', message: 'x is undefined' });
  expect([summaryOf(internal).kind, summaryOf(internal, 'instance-failed').kind]).toEqual([
    'failed',
    'instance-failed',
  ]);
});
