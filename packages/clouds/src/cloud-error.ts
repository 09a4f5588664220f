import type { Vendor } from './cloud.ts';

/** What went wrong, by what to do next. */
export type CloudErrorKind =
  /** No instance is available, or the offer is gone: try another offer. */
  | 'no-capacity'
  /** The account's limit on instances, volumes, or keys is reached: final until it is raised. */
  | 'quota'
  /** No money, or no payment method: final until the account is topped up. */
  | 'funds'
  /** The credentials are missing, wrong, or do not allow this: final. */
  | 'unauthorized'
  /** The request is wrong: final, a retry is useless. */
  | 'invalid'
  /** Too many requests: retry after `retryAfterMs`. */
  | 'rate-limited'
  /** The vendor or the network failed: retry. */
  | 'unavailable'
  /** The resource does not exist. */
  | 'not-found'
  /** Not possible in the current state (Verda: delete while provisioning): retry later. */
  | 'conflict';

/** The fields of a `CloudError`. */
export interface CloudErrorDetails {
  /** What went wrong. */
  readonly kind: CloudErrorKind;
  /** The vendor. */
  readonly vendor: Vendor;
  /** The vendor's operation, as an operationId. */
  readonly operation: string;
  /** True when a write may have been done although it failed. */
  readonly mayHaveTakenEffect: boolean;
  /** How long the vendor asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** HTTP status, if there was a response. */
  readonly status?: number | undefined;
  /** The vendor's id of the request, for its support. */
  readonly requestId?: string | undefined;
}

const brand = Symbol.for('@gpu-clouds/clouds/CloudError');

/** The only error that a {@link Cloud} throws. Its message holds no secret: it is made from redacted client errors. */
export class CloudError extends Error {
  override readonly name = 'CloudError';
  /** What went wrong. */
  readonly kind: CloudErrorKind;
  /** The vendor. */
  readonly vendor: Vendor;
  /** The call that failed, such as `createInstance`. */
  readonly operation: string;
  /** True when a write may have been done although it failed: look for the instance name before a retry. */
  readonly mayHaveTakenEffect: boolean;
  /** How long the vendor asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** HTTP status, if there was a response. */
  readonly status: number | undefined;
  /** The vendor's id of the request, for its support. */
  readonly requestId: string | undefined;

  constructor(message: string, details: CloudErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.kind = details.kind;
    this.vendor = details.vendor;
    this.operation = details.operation;
    this.mayHaveTakenEffect = details.mayHaveTakenEffect;
    this.retryAfterMs = details.retryAfterMs;
    this.status = details.status;
    this.requestId = details.requestId;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Returns true for a `CloudError` of any copy of this package. */
  static isInstance(error: unknown): error is CloudError {
    return typeof error === 'object' && error !== null && brand in error;
  }
}

/** Whether waiting cures it. */
export function isTransient(error: unknown): boolean {
  return CloudError.isInstance(error) && (error.kind === 'rate-limited' || error.kind === 'unavailable');
}
