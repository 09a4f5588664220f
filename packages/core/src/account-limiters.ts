import type { Account } from './account-limiter.ts';
import type { Clock } from './clock.ts';
import { createRateLimiter, type ForgettableRateLimiter, type RateLimit, type RateLimiter } from './rate-limiter.ts';

interface Limiters {
  readonly byAccount: Map<string, ForgettableRateLimiter>;
  /** How many there may be before those are looked for that can be forgotten. */
  enough: number;
}

const fewest = 100;
const limitersOf = new WeakMap<Clock, Limiters>();

/**
 * The one limiter of an account in this process. It lives as long as it remembers something: ask for it anew for each
 * request, since one that is idle is forgotten when there are many.
 */
export function accountLimiter(account: Account, limits: readonly RateLimit[], clock: Clock): RateLimiter {
  const known = limitersOf.get(clock) ?? { byAccount: new Map<string, ForgettableRateLimiter>(), enough: fewest };
  limitersOf.set(clock, known);
  const { byAccount } = known;
  const key = `${account.vendor} ${account.baseUrl} ${hash(account.credential)}`;
  const limiter = byAccount.get(key) ?? createRateLimiter(limits, clock);
  if (byAccount.size >= known.enough) {
    for (const [old, { idle }] of byAccount) if (idle()) byAccount.delete(old);
    known.enough = Math.max(fewest, 2 * byAccount.size);
  }
  byAccount.set(key, limiter);
  return limiter;
}

/** FNV-1a. Whoever finds two credentials with the same hash has two accounts that wait for each other. */
function hash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
