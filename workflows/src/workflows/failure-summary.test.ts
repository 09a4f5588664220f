import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { runFailure, summaryOf } from './failure-summary.ts';

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

it('summaryOf returns the kind and message of what failed in a child workflow', () => {
  const cause = ApplicationFailure.nonRetryable('The account has no money.', 'funds');
  const execution = { workflowId: 'gpuc-a-r-0', runId: 'x' };
  const failure = new ChildWorkflowFailure('default', execution, 'instance', 'NON_RETRYABLE_FAILURE', cause);
  expect(summaryOf(failure)).toEqual({ kind: 'funds', message: 'The account has no money.' });
});

it('summaryOf describes what was thrown without being an error', () => {
  expect(summaryOf('out of cheese')).toEqual({ kind: 'failed', message: 'out of cheese' });
});

it('summaryOf does not take the name of an error for a failure kind', () => {
  const error = Object.assign(new Error('x'), { name: 'funds', type: 'funds' });
  expect(summaryOf(error).kind).toBe('failed');
});

it('a run fails with the summary of what failed, its bill, and the error as the cause, and is not started again', () => {
  const bill = { dollars: 2, phases: [] };
  const error = wrapped(ApplicationFailure.nonRetryable('Out of V100s.', 'no-capacity'));
  const failure = runFailure(error, bill);
  expect(failure).toMatchObject({ type: 'no-capacity', message: 'Out of V100s.', nonRetryable: true, details: [bill] });
  expect(failure.cause).toBe(error);
  expect(runFailure('out of cheese', bill).cause).toBeUndefined();
});
