/** What a vendor's response says about one of its rate limits. */
export interface RateLimitInfo {
  /** Requests that a window allows. */
  readonly quota: number | undefined;
  /** Length of a window, in seconds. */
  readonly windowSeconds: number | undefined;
  /** Requests that the current window still allows. */
  readonly remaining: number | undefined;
  /** Seconds until the current window ends, rounded up. */
  readonly resetSeconds: number | undefined;
}

/** The state of one rate limit. All times are milliseconds of a clock that never goes back. */
export interface LimitState {
  readonly name: string;
  /** The pause that the vendor's last 429 asked for, in addition to what is counted. */
  readonly block: Block;
  /** Returns the milliseconds until a request may go: 0 for now, infinite while only a pending response can tell. */
  waitMs(now: number): number;
  /** Counts a request that goes now. The returned function must be called when the request is over. */
  take(now: number): (now: number, info?: RateLimitInfo) => void;
  /** Returns true when forgetting this state would change nothing. */
  isIdle(now: number): boolean;
}

/** Longest pause that is honored, in milliseconds. */
const longestBlockMs = 3_600_000;

/** How long a pause is honored by calls that would not wait for its end, in milliseconds. */
export const probeAfterMs = 60_000;

/** A pause that a 429 asked for. */
export interface Block {
  /** Starts a pause of at most one hour. */
  start(now: number, milliseconds: number): void;
  /**
   * Returns the milliseconds left, for a request that waits up to `maxWaitMs`. A longer pause counts for `maxWaitMs` and at
   * least a minute. After that the vendor is tried again: a wrong `Retry-After` must not stop an account for hours.
   */
  leftMs(now: number, maxWaitMs?: number): number;
}

/** Creates a block without a pause. */
export function createBlock(): Block {
  let since = 0;
  let until = 0;
  return {
    start(now, milliseconds) {
      since = now;
      until = now + Math.min(longestBlockMs, milliseconds);
    },
    leftMs: (now, maxWaitMs = longestBlockMs) =>
      now - since >= Math.max(probeAfterMs, maxWaitMs) ? 0 : Math.max(0, until - now),
  };
}
