import type { ApiErrorCode } from './api-error.ts';

/** A failure that a vendor reports in an answer whose status says success. */
export interface VendorFailure {
  /** What the vendor says. */
  readonly message: string;
  /** Default: `vendor-failure`. */
  readonly code?: ApiErrorCode;
  /** True when the answer does not rule out that a write was done. Default: false. */
  readonly mayHaveTakenEffect?: boolean;
}

/** What a vendor does that its document cannot say. */
export interface Quirks {
  /**
   * Own readers of an operation's 2xx answer, by operationId: they get its text and give what the method resolves to.
   * What a reader throws makes the answer `unreadable`.
   */
  readonly readers?: Readonly<Record<string, (text: string) => unknown>>;
  /** Looks for a failure in a 2xx answer. */
  readonly failureOf?: (answer: unknown, operation: string) => VendorFailure | undefined;
  /** True for a call, besides DELETEs, that ends what bills: it does not wait behind others for its turn. */
  readonly endsBilling?: (operation: string, body: unknown) => boolean;
  /** True for a 5xx that is a definite no: nothing was done, and trying again at once is useless. */
  readonly refused?: (status: number, body: string) => boolean;
}
