import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { storyOf } from './failure-story.ts';

const wrapped = (cause: Error) =>
  new ActivityFailure('Activity task failed', 'createInstance', '1', 'TIMEOUT', undefined, cause);

it('a story is what the activity said, not how Temporal wrapped it', () => {
  expect(storyOf(wrapped(ApplicationFailure.nonRetryable('Out of V100s.', 'no-capacity')))).toEqual({
    kind: 'no-capacity',
    message: 'Out of V100s.',
  });
});

it('attempts that all ran out of time are told in words', () => {
  const timeout = new TimeoutFailure('activity Heartbeat timeout', undefined, 'HEARTBEAT');
  expect(storyOf(wrapped(timeout))).toEqual({
    kind: 'timed-out',
    message: expect.stringContaining('not done in time'),
  });
});
