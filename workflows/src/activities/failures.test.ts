import { CloudError, type CloudErrorKind } from '@gpu-clouds/clouds/pure';
import { ApplicationFailureCategory } from '@temporalio/common';
import { expect, test } from 'vitest';
import { toFailure } from './failures.ts';

const refused = (kind: CloudErrorKind, retryAfterMs?: number) =>
  new CloudError('verda refused listInstances.', {
    kind,
    vendor: 'verda',
    operation: 'listInstances',
    mayHaveTakenEffect: false,
    retryAfterMs,
  });

test.each([
  ['as soon as the vendor allows', 7_000, {}, 7_000],
  ['within five minutes, even if the vendor asks for more', 86_400_000, {}, 300_000],
  ['within a minute in a teardown, even if the vendor asks for more', 86_400_000, { alwaysRetry: true }, 60_000],
])('an activity is retried %s', (_, asked, options, delay) => {
  expect(toFailure(refused('rate-limited', asked), options)).toMatchObject({ nextRetryDelay: delay });
});

test('an activity that may wait for a minute fails for good when the vendor asks for an hour', () => {
  const nonRetryable = (asked: number) => toFailure(refused('rate-limited', asked), { maxPauseMs: 60_000 });
  expect(nonRetryable(3_600_000)).toMatchObject({ nonRetryable: true });
  expect(nonRetryable(30_000)).toMatchObject({ nonRetryable: false });
});

test.each<[CloudErrorKind, boolean, boolean]>([
  ['no-capacity', true, false],
  ['funds', true, true],
  ['unauthorized', true, true],
  ['unavailable', false, false],
  ['conflict', false, false],
])('an activity that fails with %s is final: %s, and is logged: %s', (kind, nonRetryable, logged) => {
  const category = logged ? undefined : ApplicationFailureCategory.BENIGN;
  expect(toFailure(refused(kind))).toMatchObject({ type: kind, nonRetryable });
  expect(toFailure(refused(kind))).toHaveProperty('category', category);
});
