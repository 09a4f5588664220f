/** What went wrong, in terms of what a caller can do about it. */
export type ApiErrorCode =
  /** The caller's signal ended the call. */
  | 'aborted'
  /** 401: the credentials are wrong. */
  | 'authentication'
  /** 409: not possible in the present state. */
  | 'conflict'
  /** No answer: the network or the vendor's front door is broken. */
  | 'connection'
  /** The whole call took longer than its `deadline`. */
  | 'deadline'
  /** An option given to the client makes no sense. */
  | 'invalid-option'
  /** Neither the option nor its environment variable is set. */
  | 'missing-credential'
  /** 404 or 410. */
  | 'not-found'
  /** 402: no money, or no payment method. */
  | 'payment-required'
  /** 403: the credentials do not allow this. */
  | 'permission'
  /** 429, or not sent since the vendor's limit would have it wait longer than `maxRetryAfter`; see `retryAfter`. */
  | 'rate-limit'
  /** 5xx: the vendor is broken. */
  | 'server'
  /** An attempt took longer than its `timeout`, or the vendor answered 408. */
  | 'timeout'
  /** There was an answer, but not one that the API promises: HTML, a redirect, half a JSON. */
  | 'unreadable'
  /** The request is wrong: 400, 422 and the other 4xx, or refused before it was sent. */
  | 'validation'
  /** The vendor reported a failure in an answer whose status says success. */
  | 'vendor-failure';

/** What an `ApiError` is made of. */
export interface ApiErrorDetails {
  /** What went wrong. */
  readonly code: ApiErrorCode;
  /** The vendor's package name: `verda`. */
  readonly vendor: string;
  /** The operationId. Absent when a client could not be made. */
  readonly operation?: string | undefined;
  /** HTTP method, in capitals. */
  readonly method?: string | undefined;
  /** Path template; never the URL, which may hold secrets. */
  readonly path?: string | undefined;
  /** HTTP status, when there was an answer. */
  readonly status?: number | undefined;
  /** The vendor's own code for the failure, when its answer has one. */
  readonly vendorCode?: string | undefined;
  /** The vendor's name for the request, for its support. */
  readonly requestId?: string | undefined;
  /** The `Idempotency-Key` that every attempt carried. Give it to the same call to ask again without doing it twice. */
  readonly idempotencyKey?: string | undefined;
  /** How often the request was sent; 0 when it was not. */
  readonly attempts?: number | undefined;
  /** Milliseconds that the vendor asks to wait. */
  readonly retryAfter?: number | undefined;
  /** True when only the spent retry budget kept it from being tried again. */
  readonly retryBudgetSpent?: boolean | undefined;
  /** The parsed answer, or its text, redacted. */
  readonly body?: unknown;
  /** True when a write may have been done. False when left out. */
  readonly mayHaveTakenEffect?: boolean | undefined;
}

const brand = Symbol.for('@gpu-clouds/core/ApiError');

class ApiErrorClass extends Error {
  static {
    // What Node prints begins with it, also after a minifier.
    Object.defineProperty(ApiErrorClass, 'name', { value: 'ApiError' });
  }

  override readonly name = 'ApiError';
  declare readonly code: ApiErrorCode;
  /** The vendor's package name: `verda`. */
  declare readonly vendor: string;
  /** The operationId. Absent when a client could not be made. */
  declare readonly operation: string | undefined;
  declare readonly method: string | undefined;
  /** Path template; never the URL, which may hold secrets. */
  declare readonly path: string | undefined;
  /** HTTP status, when there was an answer. */
  declare readonly status: number | undefined;
  /** The vendor's own code for the failure, when its answer has one. */
  declare readonly vendorCode: string | undefined;
  /** The vendor's name for the request, for its support. */
  declare readonly requestId: string | undefined;
  /** The `Idempotency-Key` that every attempt carried. Give it to the same call to ask again without doing it twice. */
  declare readonly idempotencyKey: string | undefined;
  /** How often the request was sent; 0 when it was not. */
  readonly attempts: number = 0;
  /** Milliseconds that the vendor asks to wait. */
  declare readonly retryAfter: number | undefined;
  /** True when it would have been tried again, but so many calls failed lately that the retry budget is spent. */
  readonly retryBudgetSpent: boolean = false;
  /** The parsed answer, or its text, redacted. */
  declare readonly body: unknown;
  /**
   * True when a write may have been done: it was sent, and no definite refusal came back. Look for what it
   * would have made before asking again. Always false for reads.
   */
  readonly mayHaveTakenEffect: boolean = false;

  constructor(message: string, details: ApiErrorDetails, options?: ErrorOptions) {
    super(message, options);
    Object.assign(this, details);
    Object.defineProperty(this, brand, { value: true });
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is ApiError {
    return typeof error === 'object' && error !== null && brand in error;
  }

  toJSON(): ApiErrorDetails & { readonly name: string; readonly message: string } {
    return { ...this, message: this.message };
  }
}

interface Variant<Code extends ApiErrorCode, Status extends number | undefined> extends ApiErrorClass {
  readonly code: Code;
  /** HTTP status, when there was an answer. */
  readonly status: Status;
}

/** Nothing was sent: there is no operation yet. */
interface BeforeAnyCall extends Variant<'invalid-option' | 'missing-credential', undefined> {
  readonly attempts: 0;
  readonly mayHaveTakenEffect: false;
}

/**
 * The error of every client. Message and fields hold no secret: they are redacted before it is made. `switch (error.code)`
 * narrows: where there was an answer, `status` is a number.
 */
export type ApiError =
  | BeforeAnyCall
  | Variant<'aborted' | 'connection' | 'deadline', undefined>
  | Variant<'authentication' | 'rate-limit' | 'timeout' | 'unreadable' | 'validation', number | undefined>
  | Variant<'conflict' | 'not-found' | 'payment-required' | 'permission' | 'server' | 'vendor-failure', number>;

interface ApiErrorConstructor {
  /** For tests. The details have to fit the code: clients give `rate-limit` with a status, `aborted` without. */
  new (message: string, details: ApiErrorDetails, options?: ErrorOptions): ApiError;
  /** Works across copies of this package, where `instanceof` does not. */
  isInstance(error: unknown): error is ApiError;
}

export const ApiError = ApiErrorClass as ApiErrorConstructor;
