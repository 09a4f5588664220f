import { CloudError, type CloudErrorKind } from '@gpu-clouds/clouds/pure';
import { RunStoreError } from '@gpu-clouds/jobs';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
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

test('an activity fails as it is if it was cancelled, or failed for Temporal already', () => {
  const failures = [new CancelledFailure('cancelled'), ApplicationFailure.nonRetryable('no', 'funds')];
  expect(failures.map((failure) => toFailure(failure, { alwaysRetry: true }))).toEqual(failures);
});

test.each<CloudErrorKind>(['funds', 'unauthorized', 'invalid'])('a teardown is retried even after %s', (kind) => {
  expect(toFailure(refused(kind, 3_600_000), { alwaysRetry: true, maxPauseMs: 1 })).toMatchObject({
    nonRetryable: false,
  });
});

test('an activity without a limit on pauses is retried after whatever pause the vendor asks for', () => {
  expect(toFailure(refused('rate-limited', 86_400_000))).toMatchObject({ nonRetryable: false });
  expect(toFailure(refused('rate-limited', 60_000), { maxPauseMs: 60_000 })).toMatchObject({ nonRetryable: false });
});

test('an activity has no pause of its own if the vendor asks for none', () => {
  expect(toFailure(refused('unavailable'))).toHaveProperty('nextRetryDelay', undefined);
});

test('an activity keeps the name of an internal error, and is retried', () => {
  expect(toFailure(new TypeError('x is undefined'))).toMatchObject({
    type: 'TypeError',
    message: 'x is undefined',
    nonRetryable: false,
  });
  expect(toFailure('out of cheese')).toMatchObject({ type: 'Error', message: 'out of cheese' });
});

test('an activity is final if the run store can never work, except in a teardown', () => {
  const lasting = new RunStoreError('The bucket does not exist.', { lasting: true });
  expect(toFailure(lasting)).toMatchObject({ type: 'store-failed', nonRetryable: true });
  expect(toFailure(lasting, { alwaysRetry: true })).toMatchObject({ type: 'store-failed', nonRetryable: false });
  const passing = new RunStoreError('The bucket does not answer.', { lasting: false });
  expect(toFailure(passing)).toMatchObject({ type: 'store-failed', nonRetryable: false });
});

test.each([refused('unavailable'), new Error('verda refused listInstances.')])(
  'an activity fails with details and a message that is fit for the history: %s',
  (error) => {
    const details = { mayHaveTakenEffect: true };
    const say = (message: string) => message.replace('verda', '[redacted]');
    expect(toFailure(error, { details, say })).toMatchObject({
      message: '[redacted] refused listInstances.',
      details: [details],
    });
    expect(toFailure(error)).toMatchObject({ message: 'verda refused listInstances.', details: [] });
  },
);
