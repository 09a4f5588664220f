/** What can be said about one call, apart from what it asks. */
export interface CallOptions {
  /** Ends the call, also while it waits for another try. An aborted call is never retried. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that each attempt may take, its body included. Default: the client's, 30 s. */
  readonly timeout?: number | undefined;
  /** Milliseconds that the whole call may take, all attempts and the waits between them included. Default: none. */
  readonly deadline?: number | undefined;
  /** Retries after the first attempt; 0 for none. Default: the client's, 2. */
  readonly maxRetries?: number | undefined;
  /** Sent as `Idempotency-Key`; makes a write that would not be repeated safe to retry. */
  readonly idempotencyKey?: string | undefined;
  /** Further request headers. They win over the client's own. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}
