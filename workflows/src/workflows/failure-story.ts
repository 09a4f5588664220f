import type { JobBill } from '@gpu-clouds/jobs/contract';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/workflow';

/** What happened, under Temporal's wrapping: its stable type and its sentence. */
export interface FailureStory {
  readonly kind: string;
  readonly message: string;
}

export function storyOf(error: unknown): FailureStory {
  const wrapped = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : error;
  if (wrapped instanceof TimeoutFailure) {
    return { kind: 'timed-out', message: 'It was not done in time, whichever worker took it up.' };
  }
  const message = wrapped instanceof Error ? wrapped.message : String(wrapped);
  return { kind: wrapped instanceof ApplicationFailure ? (wrapped.type ?? 'failed') : 'failed', message };
}

/** The outermost error decides what a client sees: the story, with all the rest behind it. @param bill Goes into the details. */
export function toldPlainly(error: unknown, bill: JobBill): ApplicationFailure {
  const { kind, message } = storyOf(error);
  return ApplicationFailure.create({
    type: kind,
    message,
    nonRetryable: true,
    details: [bill],
    ...(error instanceof Error ? { cause: error } : {}),
  });
}
