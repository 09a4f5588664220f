import { type Clock, systemClock } from './clock.ts';
import { createRateLimiter, type RateLimit, type RateLimiter } from './rate-limiter.ts';

/** Whose requests are counted together. */
export interface Account {
  readonly vendor: string;
  readonly baseUrl: string;
  /** What tells one account from another; it is kept as a hash. */
  readonly credential: string;
  /** Default: the system's. Clients with different clocks share nothing. */
  readonly clock?: Clock | undefined;
}

const limiters = new WeakMap<Clock, Map<string, RateLimiter>>();

/** The one limiter of an account in this process: every client of the account that asks gets the same. */
export function accountRateLimiter(account: Account, limits: readonly RateLimit[]): RateLimiter {
  const { vendor, baseUrl, credential, clock = systemClock } = account;
  const ofClock = limiters.get(clock) ?? new Map<string, RateLimiter>();
  limiters.set(clock, ofClock);
  const key = `${vendor} ${baseUrl} ${hash(credential)}`;
  const limiter = ofClock.get(key) ?? createRateLimiter(limits, clock);
  ofClock.set(key, limiter);
  return limiter;
}

/** FNV-1a. Whoever finds two credentials with the same hash has two accounts that wait for each other. */
function hash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
