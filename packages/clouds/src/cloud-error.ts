import type { Vendor } from './cloud.ts';

/** What went wrong, in terms of what to do next. */
export type CloudErrorKind =
  /** Sold out, or the offer is gone: try another offer. */
  | 'no-capacity'
  /** The account's limit on instances, volumes or keys: final until someone raises it. */
  | 'quota'
  /** No money, or no payment method: final until someone pays. */
  | 'funds'
  /** Credentials missing, wrong or not allowed to do this: final. */
  | 'unauthorized'
  /** The request itself is wrong: final, never worth another try. */
  | 'invalid'
  /** Too many requests: try again after `retryAfterMs`. */
  | 'rate-limited'
  /** The vendor or the way to it is broken: try again. */
  | 'unavailable'
  | 'not-found'
  /** Not possible in the present state (Verda: deleting while provisioning): try again later. */
  | 'conflict';

/** What a `CloudError` is made of. */
export interface CloudErrorDetails {
  /** What can be done about it. */
  readonly kind: CloudErrorKind;
  /** Whose cloud failed. */
  readonly vendor: Vendor;
  /** The vendor's operation, by its operationId. */
  readonly operation: string;
  /** True when a write may have been done although its answer was lost. */
  readonly mayHaveTakenEffect: boolean;
  /** Milliseconds the vendor asks to wait. */
  readonly retryAfterMs?: number;
  /** HTTP status, when there was an answer. */
  readonly status?: number;
  /** The vendor's name for the request, for its support. */
  readonly requestId?: string;
}

const brand = Symbol.for('@gpu-clouds/clouds/CloudError');

/** The only error that a {@link Cloud} throws. Its message holds no secret: it is made from redacted client errors. */
export class CloudError extends Error {
  override readonly name = 'CloudError';
  /** What can be done about it. */
  readonly kind: CloudErrorKind;
  /** Whose cloud failed. */
  readonly vendor: Vendor;
  /** Which call failed: `createInstance`. */
  readonly operation: string;
  /** True when what was asked for may have been done although it failed: look for the label before asking again. */
  readonly mayHaveTakenEffect: boolean;
  /** Milliseconds that the vendor asks to wait. */
  readonly retryAfterMs?: number;
  /** HTTP status, when there was an answer. */
  readonly status?: number;
  /** The vendor's name for the request, for its support. */
  readonly requestId?: string;

  constructor(message: string, details: CloudErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.kind = details.kind;
    this.vendor = details.vendor;
    this.operation = details.operation;
    this.mayHaveTakenEffect = details.mayHaveTakenEffect;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.status !== undefined) this.status = details.status;
    if (details.requestId !== undefined) this.requestId = details.requestId;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Works across copies of this package. */
  static isInstance(error: unknown): error is CloudError {
    return typeof error === 'object' && error !== null && brand in error;
  }
}

/** Whether waiting cures it. */
export function isTransient(error: unknown): boolean {
  return CloudError.isInstance(error) && (error.kind === 'rate-limited' || error.kind === 'unavailable');
}
