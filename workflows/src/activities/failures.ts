import { CloudError } from '@gpu-clouds/clouds/pure';
import { RunStoreError } from '@gpu-clouds/jobs';
import { type FailureKind, failurePolicies } from '@gpu-clouds/jobs/contract';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { categoryOf } from '../final-failure.ts';
import type { CreateFailureDetails } from './contract.ts';

export { finalFailure } from '../final-failure.ts';

/** Maximum pause before a retry in milliseconds, even if a vendor asks for a longer one. */
const maxDelayMs = { ordinary: 300_000, teardown: 60_000 };

/** Milliseconds for which a create may pause. Rather than wait for longer, the run takes the next offer. */
export const maxCreatePauseMs = 60_000;

export interface FailureOptions {
  /** Retries every failure: teardown never gives up. */
  readonly alwaysRetry?: boolean | undefined;
  /** Milliseconds. A failure after which the vendor asks for a longer pause is final. Default: no limit. */
  readonly maxPauseMs?: number | undefined;
  readonly details?: CreateFailureDetails | undefined;
  /** Makes a message that contains foreign text fit for the history. */
  readonly say?: (message: string) => string;
}

/** Returns the failure that a workflow sees: a stable type and one sentence, without stack and secrets. */
export function toFailure(
  error: unknown,
  {
    alwaysRetry = false,
    maxPauseMs = Number.POSITIVE_INFINITY,
    details,
    say = (message) => message,
  }: FailureOptions = {},
): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  if (!CloudError.isInstance(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return ApplicationFailure.create({
      type: typeOf(error),
      message: say(message),
      nonRetryable: !alwaysRetry && error instanceof RunStoreError && error.lasting,
      details: details === undefined ? [] : [details],
    });
  }
  const { retryAfterMs } = error;
  const longest = alwaysRetry ? maxDelayMs.teardown : maxDelayMs.ordinary;
  return ApplicationFailure.create({
    type: error.kind,
    message: say(error.message),
    ...categoryOf(error.kind),
    nonRetryable: !alwaysRetry && (!failurePolicies[error.kind].retryCall || (retryAfterMs ?? 0) > maxPauseMs),
    ...(retryAfterMs !== undefined && { nextRetryDelay: Math.min(retryAfterMs, longest) }),
    details: details === undefined ? [] : [details],
  });
}

/** Errors of other libraries and of ours keep their name in the history. Workflows treat those as the kind `failed`. */
function typeOf(error: unknown): string {
  const storeFailed: FailureKind = 'store-failed';
  if (error instanceof RunStoreError) return storeFailed;
  return error instanceof Error ? error.name : 'Error';
}
