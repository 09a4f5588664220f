import type { Clock } from './clock.ts';

/** Options that every client takes besides its credentials. */
export interface ClientOptions {
  /** Where the API is, without a trailing slash. Default: `<VENDOR>_BASE_URL`, else the first server of the vendor's document. */
  readonly baseUrl?: string | undefined;
  /** Sends one HTTP request. Default: the global `fetch`, looked up at each call. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Milliseconds that each attempt may take, its body included. Default: 30 000; TensorDock 60 000. */
  readonly timeout?: number | undefined;
  /** Milliseconds that a whole call may take, retries and waits included. Default: none. */
  readonly deadline?: number | undefined;
  /** Retries after the first attempt, of requests that are safe to repeat. Default: 2. */
  readonly maxRetries?: number | undefined;
  /** Milliseconds. When a vendor asks to wait longer the call fails at once with `retryAfter`. Default: 60 000. */
  readonly maxRetryAfter?: number | undefined;
  /** Headers for every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Time and chance. Default: the system's. */
  readonly clock?: Clock | undefined;
}
