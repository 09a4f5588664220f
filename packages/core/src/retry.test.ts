import { expect, test } from 'vitest';
import { jumpingClock } from './__fixtures__/jumping-clock.ts';
import { isRetryable, retryAfterOf } from './retry.ts';

// The clock begins at 12:00:00 on 2026-11-21.
test.each<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ 'retry-after': '' }, undefined],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '1.5' }, 1500],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': '-2020' }, undefined],
  [{ 'retry-after': '1e999' }, undefined],
  [{ 'retry-after': 'Infinity' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '2026-11-21T12:00:03Z' }, undefined],
  [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:03 GMT' }, 3000],
  [{ 'retry-after': 'Sat, 21 Nov 2026 11:59:57 GMT' }, 0],
  [{ 'retry-after-ms': '0', 'retry-after': '9' }, 0],
  [{ 'retry-after-ms': '-1', 'retry-after': '9' }, 9000],
])('%j asks to wait %s ms', (headers, milliseconds) => {
  expect(retryAfterOf(new Headers(headers), jumpingClock())).toBe(milliseconds);
});

test.each([
  [407, false],
  [408, true],
  [429, true],
  [499, false],
  [500, true],
])('a response with status %i is retryable: %s', (status, retryable) => {
  expect(isRetryable(status)).toBe(retryable);
});
