import type { SendOptions } from './call-options.ts';
import type { Clock } from './clock.ts';
import type { Hooks } from './hooks.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { RetryBudget } from './retry-budget.ts';

/** Options that every client takes besides its credentials. */
export interface ClientOptions extends SendOptions {
  /** Where the API is, without a trailing slash. Default: `<VENDOR>_BASE_URL`, else the first server of the vendor's document. */
  readonly baseUrl?: string | undefined;
  /** What retries are paid from, for all calls together. Default: a budget of the client's own, of 100 retries. */
  readonly retryBudget?: RetryBudget | undefined;
  /**
   * Keeps calls from being refused for their number: each waits its turn. Default: the vendor's limits, where it has any,
   * shared by all clients of the account in this process; false for none.
   */
  readonly rateLimiter?: RateLimiter | false | undefined;
  /** What is told of each call and attempt. Default: nothing is. */
  readonly hooks?: Hooks | readonly Hooks[] | undefined;
  /** Time and chance. Default: the system's. */
  readonly clock?: Clock | undefined;
}
