import type { Clock } from './clock.ts';

const firstCeiling = 500;
const lastCeiling = 8_000;

/** Statuses that may be different the next time. */
export const worthRetrying = (status: number) => status === 408 || status === 429 || status >= 500;

/** Milliseconds before retry number `retry` (from 0): anything up to a ceiling that doubles from 0.5 s to 8 s. */
export function backoff(retry: number, clock: Clock): number {
  return clock.random() * Math.min(lastCeiling, firstCeiling * 2 ** retry);
}

/** Milliseconds that an answer asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date. */
export function retryAfterOf(headers: Headers, clock: Clock): number | undefined {
  const milliseconds = nonNegative(headers.get('retry-after-ms'));
  if (milliseconds !== undefined) return milliseconds;
  const header = headers.get('retry-after');
  const seconds = nonNegative(header);
  if (seconds !== undefined) return seconds * 1000;
  // `Date.parse` takes `-5` and `1e999` for years.
  const date = /[a-z]{3}/i.test(header ?? '') ? Date.parse(header ?? '') : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now());
}

function nonNegative(text: string | null): number | undefined {
  const number = text?.trim() ? Number(text) : Number.NaN;
  return number >= 0 && number < Number.POSITIVE_INFINITY ? number : undefined;
}
