/** How a call is sent. Each of these can be set for a client and for one call. */
export interface SendOptions {
  /** Sends one HTTP request. Default: the global `fetch`, looked up at each call. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Milliseconds that each attempt may take, its body included. Default: 30 000; TensorDock 60 000. */
  readonly timeout?: number | undefined;
  /** Milliseconds that the whole call may take, all attempts and the waits between them included. Default: none. */
  readonly deadline?: number | undefined;
  /** Retries after the first attempt, of requests that are safe to repeat; 0 for none. Default: 2. */
  readonly maxRetries?: number | undefined;
  /**
   * Milliseconds. A call fails at once with `retryAfter` when the vendor asks to wait longer, or when its rate limit would
   * have the call wait longer. Calls of high priority are sent all the same. Default: 60 000.
   */
  readonly maxRetryAfter?: number | undefined;
  /** Further request headers. Those of a call win over those of its client. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What can be said about one call, apart from what it asks. What is left out is as the client's options say. */
export interface CallOptions extends SendOptions {
  /** Ends the call, also while it waits for its turn or for another try. An aborted call is never retried. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Which calls wait for their turn first, where the vendor limits their number. Default: `high` for what ends a machine or
   * deletes anything else, since a machine bills while it waits; `normal` for all else.
   */
  readonly priority?: 'high' | 'normal' | undefined;
  /**
   * Sent as `Idempotency-Key`. Default, where the vendor knows such keys: a new one for each call, the same for all its
   * attempts; `error.idempotencyKey` tells it.
   */
  readonly idempotencyKey?: string | undefined;
}
