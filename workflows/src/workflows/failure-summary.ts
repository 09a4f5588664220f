import { type FailureKind, type FailureSummary, failureKindOf, type JobBill } from '@gpu-clouds/jobs/contract';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/workflow';

/**
 * Returns what failed, without Temporal's wrapping.
 * @param otherwise The kind of an error that has none of its own, such as an internal error.
 */
export function summaryOf(error: unknown, otherwise: FailureKind = 'failed'): FailureSummary {
  const cause = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) {
    return { kind: 'timed-out', message: 'No worker completed it within the time limit.' };
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return { kind: failureKindOf(cause instanceof ApplicationFailure ? cause.type : undefined, otherwise), message };
}

/** Returns the failure that a run ends with. A client sees the outermost error: the summary, with the bill as its details. */
export function runFailure(error: unknown, bill: JobBill): ApplicationFailure {
  const { kind, message } = summaryOf(error);
  const cause = error instanceof Error ? { cause: error } : {};
  return ApplicationFailure.create({ type: kind, message, nonRetryable: true, details: [bill], ...cause });
}
