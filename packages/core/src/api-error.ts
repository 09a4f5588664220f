/** What went wrong, by what a caller can do about it. The same words as `CloudError.kind` where they mean the same. */
export type ApiErrorCode =
  /** The caller's signal ended the call. */
  | 'aborted'
  /** HTTP 401: the credentials are wrong. */
  | 'authentication'
  /** HTTP 409: not possible in the current state. */
  | 'conflict'
  /** No response: the network failed, or the vendor is not reachable. */
  | 'connection'
  /** The whole call took longer than `deadlineMs`. */
  | 'deadline'
  /** HTTP 402: no money, or no payment method. */
  | 'funds'
  /** The request is wrong: HTTP 400, 422, and other 4xx, or rejected before it was sent. */
  | 'invalid'
  /** An option of the client is invalid. */
  | 'invalid-option'
  /** Neither the option nor its environment variable is set. */
  | 'missing-credential'
  /** HTTP 404 or 410. */
  | 'not-found'
  /** HTTP 403: the credentials do not allow this. */
  | 'permission'
  /** HTTP 429, or not sent because the rate limit requires a wait of more than `maxRetryAfterMs`. See `retryAfterMs`. */
  | 'rate-limited'
  /** HTTP 5xx: the vendor failed. */
  | 'server'
  /** An attempt took longer than `timeoutMs`, or the vendor answered 408. */
  | 'timeout'
  /** The response is not what the API promises: HTML, a redirect, or incomplete JSON. */
  | 'unreadable'
  /** The vendor reported a failure in a 2xx response. */
  | 'vendor-failure';

/** The fields of an `ApiError`. */
export interface ApiErrorDetails {
  /** What went wrong. */
  readonly code: ApiErrorCode;
  /** The vendor's package name, such as `verda`. */
  readonly vendor: string;
  /** The operationId. Absent when a client could not be created. */
  readonly operation?: string | undefined;
  /** HTTP method in upper case. */
  readonly method?: string | undefined;
  /** Path template. Never the URL, which may hold secrets. */
  readonly path?: string | undefined;
  /** HTTP status, if there was a response. */
  readonly status?: number | undefined;
  /** The vendor's own error code, if the response has one. */
  readonly vendorCode?: string | undefined;
  /** The vendor's own words: the first 8,192 characters, redacted. */
  readonly vendorMessage?: string | undefined;
  /** The vendor's id of the request, for its support. */
  readonly requestId?: string | undefined;
  /** The `Idempotency-Key` of every attempt. Pass it to the same call to retry it without doing it twice. */
  readonly idempotencyKey?: string | undefined;
  /** How often the request was sent. 0 when it was not sent. */
  readonly attempts?: number | undefined;
  /** How long the vendor asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** True when only the spent retry budget prevented another attempt. */
  readonly retryBudgetSpent?: boolean | undefined;
  /** The parsed response body, or its text, redacted. */
  readonly body?: unknown;
  /** True when a write may have been done. Default: false. */
  readonly mayHaveTakenEffect?: boolean | undefined;
}

const brand = Symbol.for('@gpu-clouds/core/ApiError');

class ApiErrorClass extends Error {
  static {
    // Node prints this name, also when a minifier renamed the class.
    Object.defineProperty(ApiErrorClass, 'name', { value: 'ApiError' });
  }

  override readonly name = 'ApiError';
  declare readonly code: ApiErrorCode;
  /** The vendor's package name, such as `verda`. */
  declare readonly vendor: string;
  /** The operationId. Absent when a client could not be created. */
  declare readonly operation: string | undefined;
  /** HTTP method in upper case. */
  declare readonly method: string | undefined;
  /** Path template. Never the URL, which may hold secrets. */
  declare readonly path: string | undefined;
  /** HTTP status, if there was a response. */
  declare readonly status: number | undefined;
  /** The vendor's own error code, if the response has one. */
  declare readonly vendorCode: string | undefined;
  /** The vendor's own words: the first 8,192 characters, redacted. */
  declare readonly vendorMessage: string | undefined;
  /** The vendor's id of the request, for its support. */
  declare readonly requestId: string | undefined;
  /** The `Idempotency-Key` of every attempt. Pass it to the same call to retry it without doing it twice. */
  declare readonly idempotencyKey: string | undefined;
  /** How often the request was sent. 0 when it was not sent. */
  readonly attempts: number = 0;
  /** How long the vendor asks to wait, in milliseconds. */
  declare readonly retryAfterMs: number | undefined;
  /** True when only the spent retry budget prevented another attempt. */
  readonly retryBudgetSpent: boolean = false;
  /** The parsed response body, or its text, redacted. */
  declare readonly body: unknown;
  /**
   * True when a write may have been done: it was sent, and no definite refusal came back. Check what it would have created
   * before you retry. Always false for reads.
   */
  readonly mayHaveTakenEffect: boolean = false;

  constructor(message: string, details: ApiErrorDetails, options?: ErrorOptions) {
    super(message, options);
    Object.assign(this, details);
    Object.defineProperty(this, brand, { value: true });
  }

  /** Returns true for an `ApiError` of any copy of this package, for which `instanceof` fails. */
  static isInstance(error: unknown): error is ApiError {
    return typeof error === 'object' && error !== null && brand in error;
  }

  toJSON(): ApiErrorDetails & { readonly name: string; readonly message: string } {
    return { ...this, message: this.message };
  }
}

interface Variant<Code extends ApiErrorCode, Status extends number | undefined> extends ApiErrorClass {
  readonly code: Code;
  /** HTTP status, if there was a response. */
  readonly status: Status;
}

/** Nothing was sent, and there is no operation yet. */
interface BeforeAnyCall extends Variant<'invalid-option' | 'missing-credential', undefined> {
  readonly attempts: 0;
  readonly mayHaveTakenEffect: false;
}

/**
 * The error of every client. Message and fields are redacted and hold no secret. `switch (error.code)` narrows: where there
 * was a response, `status` is a number.
 */
export type ApiError =
  | BeforeAnyCall
  | Variant<'aborted' | 'connection' | 'deadline', undefined>
  | Variant<'authentication' | 'invalid' | 'rate-limited' | 'timeout' | 'unreadable', number | undefined>
  | Variant<'conflict' | 'funds' | 'not-found' | 'permission' | 'server' | 'vendor-failure', number>;

interface ApiErrorConstructor {
  /** For tests. The details must fit the code: clients set a status for `server`, and none for `aborted`. */
  new (message: string, details: ApiErrorDetails, options?: ErrorOptions): ApiError;
  /** Returns true for an `ApiError` of any copy of this package, for which `instanceof` fails. */
  isInstance(error: unknown): error is ApiError;
}

export const ApiError = ApiErrorClass as ApiErrorConstructor;
