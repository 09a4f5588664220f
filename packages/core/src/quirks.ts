import type { ApiErrorCode } from './api-error.ts';

/** A failure that a vendor reports in a 2xx response. */
export interface VendorFailure {
  /** The vendor's own words, if it gives any. */
  readonly message?: string | undefined;
  /** Our explanation, for a failure without the vendor's words. */
  readonly reason?: string | undefined;
  /** Default: `vendor-failure`. */
  readonly code?: ApiErrorCode | undefined;
  /** True when the write may have been done in spite of the response. Default: false. */
  readonly mayHaveTakenEffect?: boolean | undefined;
}

/** Where a vendor differs from its document in ways that no document can state. */
export interface Quirks {
  /**
   * Readers of 2xx responses, by operationId. A reader gets the response text and returns what the method resolves to.
   * When it throws, the response is `unreadable`.
   */
  readonly readers?: Readonly<Record<string, (text: string) => unknown>> | undefined;
  /** Returns the failure that a 2xx response reports, if any. */
  readonly failureOf?: ((answer: unknown, operation: string) => VendorFailure | undefined) | undefined;
  /** Returns true for a call, besides DELETE, that ends billing. It does not wait behind other calls. */
  readonly endsBilling?: ((operation: string, body: unknown) => boolean) | undefined;
  /** Returns true for a 5xx response that is a definite refusal: nothing was done, and a retry is useless. */
  readonly refused?: ((status: number, body: string) => boolean) | undefined;
}
