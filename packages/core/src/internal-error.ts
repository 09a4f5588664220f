import type { ApiErrorCode } from './api-error.ts';

/** The facts of a failure, before {@link toApiError} puts them into a sentence. */
export interface InternalFailure {
  readonly code: ApiErrorCode;
  /** The predicate of the error message, such as `got no answer within 30 s`. Default: derived from the other facts. */
  readonly what?: string;
  /** Our own explanation, quoted in the message when the vendor gives none. */
  readonly reason?: string | undefined;
  /** The vendor's own words. Default: taken from the body of an error response. */
  readonly said?: string | undefined;
  readonly response?: Response | undefined;
  readonly body?: unknown;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A failure inside the client. Callers never see it: `toApiError` turns it into an `ApiError`. */
export class InternalError extends Error {
  readonly failure: InternalFailure;

  constructor(failure: InternalFailure) {
    super(failure.what);
    this.failure = failure;
  }
}

/** Returns the error of a request that is invalid in itself and was not sent. */
export const notSent = (why: string) => new InternalError({ code: 'invalid', what: `was not sent: ${why}` });
