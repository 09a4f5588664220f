import { type Clock, systemClock } from './clock.ts';
import type { RateLimit, RateLimiter } from './rate-limiter.ts';

/** Whose requests are counted together. */
export interface Account {
  /** The vendor's package name: `verda`. */
  readonly vendor: string;
  /** Where its API is: an account of a simulator is another one. */
  readonly baseUrl: string;
  /** What tells one account from another; it is kept as a hash. */
  readonly credential: string;
  /** Default: the system's. Clients with different clocks share nothing. */
  readonly clock?: Clock | undefined;
}

/**
 * The limiter of an account: every client of the account in this process that asks for one waits in the same queue. What
 * counts and queues is loaded with the first request, and what is known of an account is forgotten when it is idle.
 */
export function accountRateLimiter(account: Account, limits: readonly RateLimit[]): RateLimiter {
  return {
    async acquire(request, signal) {
      const { accountLimiter } = await import('./account-limiters.ts');
      return accountLimiter(account, limits, account.clock ?? systemClock).acquire(request, signal);
    },
  };
}
