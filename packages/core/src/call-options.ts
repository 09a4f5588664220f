/** How calls are sent. Each option can be set for a client and for one call. */
export interface SendOptions {
  /** Sends one HTTP request. Default: the global `fetch`, looked up for each call. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** How long each attempt may take, with its body, in milliseconds. Default: 30 000; TensorDock 60 000. */
  readonly timeoutMs?: number | undefined;
  /** How long the whole call may take, with all attempts and waits, in milliseconds. Default: no limit. */
  readonly deadlineMs?: number | undefined;
  /** How often a request is retried that is safe to repeat. 0 turns retries off. Default: 2. */
  readonly maxRetries?: number | undefined;
  /**
   * Longest pause before a retry or for a rate limit, in milliseconds. A call that would have to wait longer fails at once
   * with `rate-limited` or the vendor's error, and `retryAfterMs`. Calls of high priority are sent in any case.
   * Default: 60 000.
   */
  readonly maxRetryAfterMs?: number | undefined;
  /** Additional request headers. Those of a call override those of its client. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Options of one call. What is left out is taken from the client's options. */
export interface CallOptions extends SendOptions {
  /** Ends the call, also while it waits for a rate limit or a retry. An aborted call is never retried. */
  readonly signal?: AbortSignal | undefined;
  /**
   * `high` sends the call before others where the vendor limits requests. Default: `high` for calls that end an instance
   * or delete something, because an instance bills while they wait; `normal` for all others.
   */
  readonly priority?: 'high' | 'normal' | undefined;
  /**
   * The `Idempotency-Key` header. Default, where the vendor supports it: a new key for each call, the same for all its
   * attempts. `error.idempotencyKey` holds it.
   */
  readonly idempotencyKey?: string | undefined;
}
