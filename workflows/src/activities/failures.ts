import { CloudError } from '@gpu-clouds/clouds/pure';
import { RunStoreError } from '@gpu-clouds/jobs';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { CreateFailureDetails } from './contract.ts';

/** Kinds that another try at the same thing cannot mend. */
const final: ReadonlySet<string> = new Set(['no-capacity', 'quota', 'funds', 'unauthorized', 'invalid', 'not-found']);

/** Milliseconds until the next try at the latest, whatever pause a vendor asks for. */
const longestDelay = { ordinary: 300_000, teardown: 60_000 };

export interface FailureOptions {
  /** Try again whatever it is: teardown never gives up. */
  readonly alwaysRetry?: boolean | undefined;
  readonly details?: CreateFailureDetails | undefined;
  /** Makes a message fit for history, where somebody else had a part in it. */
  readonly say?: (message: string) => string;
}

/** What a workflow gets to see of an error: a stable type, one sentence, no stack of ours and no secret. */
export function toFailure(
  error: unknown,
  { alwaysRetry = false, details, say = (message) => message }: FailureOptions = {},
): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  if (!CloudError.isInstance(error)) {
    const name = error instanceof Error ? error.name : 'Error';
    const message = error instanceof Error ? error.message : String(error);
    return ApplicationFailure.create({
      type: name,
      message: say(message),
      nonRetryable: !alwaysRetry && error instanceof RunStoreError && error.lasting,
      details: details === undefined ? [] : [details],
    });
  }
  const longest = alwaysRetry ? longestDelay.teardown : longestDelay.ordinary;
  return ApplicationFailure.create({
    type: error.kind,
    message: say(error.message),
    // Vendors refuse every day: nothing for a worker's log.
    category: ApplicationFailureCategory.BENIGN,
    nonRetryable: !alwaysRetry && final.has(error.kind),
    ...(error.retryAfterMs !== undefined && { nextRetryDelay: Math.min(error.retryAfterMs, longest) }),
    details: details === undefined ? [] : [details],
  });
}

/** A failure that no retry mends. @param type Stable: workflows and users tell failures by it. */
export function finalFailure(type: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true });
}
