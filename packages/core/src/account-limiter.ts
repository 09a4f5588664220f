import { type Clock, systemClock } from './clock.ts';
import { createRateLimiter, type ForgettableRateLimiter, type RateLimit, type RateLimiter } from './rate-limiter.ts';

/** The account whose requests are counted together. */
export interface Account {
  /** The vendor's package name, such as `verda`. */
  readonly vendor: string;
  /** Base URL of the API. An account of a simulator is a different account. */
  readonly baseUrl: string;
  /** Identifies the account. It is kept as a hash. */
  readonly credential: string;
  /** Default: the system clock. Clients with different clocks share nothing. */
  readonly clock?: Clock | undefined;
}

interface Limiters {
  readonly byAccount: Map<string, ForgettableRateLimiter>;
  /** The number of limiters above which idle ones are forgotten. */
  max: number;
}

/** Number of limiters that are kept in any case. */
const minLimiters = 100;
const limitersOf = new WeakMap<Clock, Limiters>();

/**
 * Returns the rate limiter of an account. All clients of the account in this process share its queue. The state of an
 * account is forgotten when it is idle and there are many accounts.
 */
export function accountRateLimiter(account: Account, limits: readonly RateLimit[]): RateLimiter {
  const { vendor, baseUrl, credential, clock = systemClock } = account;
  const key = `${vendor} ${baseUrl} ${hash(credential)}`;
  return { acquire: (request, signal) => sharedLimiter(key, limits, clock).acquire(request, signal) };
}

/** Returns the one limiter of an account. It must be looked up for each request, since idle limiters are forgotten. */
function sharedLimiter(key: string, limits: readonly RateLimit[], clock: Clock): RateLimiter {
  const limiters = limitersOf.get(clock) ?? { byAccount: new Map<string, ForgettableRateLimiter>(), max: minLimiters };
  limitersOf.set(clock, limiters);
  const { byAccount } = limiters;
  const known = byAccount.get(key);
  if (known) return known;
  if (byAccount.size >= limiters.max) {
    for (const [old, { isIdle }] of byAccount) if (isIdle()) byAccount.delete(old);
    limiters.max = Math.max(minLimiters, 2 * byAccount.size);
  }
  const limiter = createRateLimiter(limits, clock);
  byAccount.set(key, limiter);
  return limiter;
}

/** FNV-1a. Two accounts whose credentials have the same hash would share one queue, which is harmless. */
function hash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
