import type { Clock } from './clock.ts';

const firstCeilingMs = 500;
const lastCeilingMs = 8_000;

/** Returns true for a status that may differ in the next attempt. */
export const isRetryable = (status: number) => status === 408 || status === 429 || status >= 500;

/** Returns the milliseconds before retry number `retry` (from 0): random, up to a ceiling that doubles from 0.5 s to 8 s. */
export function backoff(retry: number, clock: Clock): number {
  return clock.random() * Math.min(lastCeilingMs, firstCeilingMs * 2 ** retry);
}

/**
 * Returns how long a response asks to wait, in milliseconds: `retry-after-ms`, or `Retry-After` in seconds or as a date.
 * Undefined for a value that is negative, infinite, or unreadable.
 */
export function retryAfterOf(headers: Headers, clock: Clock): number | undefined {
  const milliseconds = nonNegative(headers.get('retry-after-ms'));
  if (milliseconds !== undefined) return milliseconds;
  const header = headers.get('retry-after') ?? '';
  const seconds = nonNegative(header);
  if (seconds !== undefined) return seconds * 1000;
  // `Date.parse` reads `-5` and `1e999` as years.
  const date = /[a-z]{3}/i.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now());
}

function nonNegative(text: string | null): number | undefined {
  const number = text ? Number(text) : Number.NaN;
  return number >= 0 && number < Number.POSITIVE_INFINITY ? number : undefined;
}
