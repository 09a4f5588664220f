import { ApiError, type ApiErrorCode } from './api-error.ts';
import { Cut } from './limit.ts';
import { rootOf } from './network-error.ts';
import type { CallArguments } from './request.ts';
import type { Limits } from './transport.ts';

/** The call that a failure is told about. */
export interface Subject {
  readonly vendor: string;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly baseUrl: string;
  /** What was asked. Its secrets are not shown. */
  readonly args: CallArguments;
  /** Values besides those that must not be shown. May grow; it is read when something is shown. */
  readonly secrets: readonly string[];
  readonly options: Limits;
  readonly progress: Progress;
}

/** What is known of a call while it is under way. */
export interface Progress {
  attempts: number;
  mayHaveTakenEffect: boolean;
  /** What every attempt carries, where the vendor knows such keys. */
  idempotencyKey: string | undefined;
  /** True when it would have been tried again, had there been a retry left. */
  retryBudgetSpent: boolean;
}

/** What went wrong, before it is put into words. */
export interface Failure {
  readonly code: ApiErrorCode;
  /** Ends the sentence that begins with the operation: `got no answer within 30 s`. Default: what follows from the rest. */
  readonly what?: string;
  /** What the vendor says, for the same sentence. */
  readonly said?: string | undefined;
  readonly response?: Response | undefined;
  readonly body?: unknown;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** Thrown inside a client only: whoever called gets the {@link ApiError} that {@link explained} makes of it. */
export class Failed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.what);
    this.failure = failure;
  }
}

/** A request that is wrong in itself. */
export const unsent = (why: string) => new Failed({ code: 'validation', what: `was not sent: ${why}` });

/**
 * The error of a failed call, whatever was thrown. What puts failures into words, and takes secrets out of them, is loaded
 * with the first one. Where it cannot be had, by a page that has lost its network, the error has the facts alone.
 * @param unforeseen the code of what this package did not throw itself
 */
export async function explained(
  subject: Subject,
  thrown: unknown,
  unforeseen: 'connection' | 'unreadable',
): Promise<ApiError> {
  const { vendor, operation, method, path, progress } = subject;
  if (ApiError.isInstance(thrown)) return afterEarlierAttempts(thrown, progress);
  const failure = failureOf(thrown, unforeseen);
  const { code, retryAfter, response } = failure;
  const facts = { code, vendor, operation, method, path, retryAfter, ...progress, status: response?.status };
  try {
    const { message, details, cause } = (await import('./explain-failure.ts')).inWords(subject, failure);
    return new ApiError(message, { ...facts, ...details }, cause && { cause });
  } catch {
    return new ApiError(`${vendor} ${operation} (${method} ${path}) failed: ${code}.`, facts);
  }
}

function failureOf(thrown: unknown, unforeseen: 'connection' | 'unreadable'): Failure {
  if (thrown instanceof Failed) return thrown.failure;
  if (thrown instanceof Cut) return { code: thrown.code, cause: thrown.cause };
  return { code: unforeseen, cause: unforeseen === 'connection' ? rootOf(thrown) : thrown };
}

/** A token request failed on a later attempt: what an earlier one may have done is still true. */
function afterEarlierAttempts(error: ApiError, { idempotencyKey, mayHaveTakenEffect }: Progress): ApiError {
  if (!mayHaveTakenEffect || error.mayHaveTakenEffect) return error;
  return new ApiError(error.message, { ...error.toJSON(), idempotencyKey, mayHaveTakenEffect }, { cause: error.cause });
}
