import { CloudError } from '@gpu-clouds/clouds/pure';
import { expect, test } from 'vitest';
import { toFailure } from './failures.ts';

const rateLimited = (retryAfterMs: number) =>
  new CloudError('verda listInstances was refused with 429.', {
    kind: 'rate-limited',
    vendor: 'verda',
    operation: 'listInstances',
    mayHaveTakenEffect: false,
    retryAfterMs,
  });

test.each([
  ['as soon as the vendor allows', 7_000, {}, 7_000],
  ['within five minutes, whatever the vendor asks for', 86_400_000, {}, 300_000],
  ['of a teardown within a minute, whatever the vendor asks for', 86_400_000, { alwaysRetry: true }, 60_000],
])('the next try of an activity comes %s', (_, asked, options, delay) => {
  expect(toFailure(rateLimited(asked), options)).toMatchObject({ nextRetryDelay: delay });
});
