import type { SendOptions } from './call-options.ts';
import type { Clock } from './clock.ts';
import type { Hooks } from './hooks.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { RetryBudget } from './retry-budget.ts';

/** The options that every client has besides its credentials. */
export interface ClientOptions extends SendOptions {
  /** Base URL of the API. Default: the variable `<VENDOR>_BASE_URL`, then the first server of the vendor's document. */
  readonly baseUrl?: string | undefined;
  /** Limits the retries of all calls together. Default: a budget of 100 retries for this client. */
  readonly retryBudget?: RetryBudget | undefined;
  /**
   * Delays calls so that they stay within the vendor's rate limits. Default: the vendor's documented limits, if it has any,
   * shared by all clients of the account in this process. `false` turns it off.
   */
  readonly rateLimiter?: RateLimiter | false | undefined;
  /** Listeners for calls and attempts. Default: none. */
  readonly hooks?: Hooks | readonly Hooks[] | undefined;
  /** Source of time and randomness, for tests. Default: the system's. */
  readonly clock?: Clock | undefined;
}
