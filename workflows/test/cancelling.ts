import { until } from '@gpu-clouds/jobs/test';
import { ActivityCancellationDetails } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import { mockActivity } from './mock-activity.ts';

/** Why Temporal ends an attempt, as the SDK tells it. Only the first means that somebody wants the work undone. */
export const reasons = [
  { reason: 'CANCELLED', detail: 'cancelRequested' },
  { reason: 'WORKER_SHUTDOWN', detail: 'workerShutdown' },
  { reason: 'TIMED_OUT', detail: 'timedOut' },
  { reason: 'PAUSED', detail: 'paused' },
  { reason: 'RESET', detail: 'reset' },
  { reason: 'NOT_FOUND', detail: 'notFound' },
  // Of this one the SDK tells no detail.
  { reason: 'HEARTBEAT_DETAILS_CONVERSION_FAILED', detail: 'none' },
] as const;

/** One of {@link reasons}. */
export type Why = (typeof reasons)[number];

export function cancel(environment: MockActivityEnvironment, { reason, detail }: Why): void {
  environment.cancel(reason, new ActivityCancellationDetails({ [detail]: true }));
}

export interface CutShort {
  readonly begin: (environment: MockActivityEnvironment) => Promise<unknown>;
  /** When the attempt is to be ended. */
  readonly underWay: () => boolean;
  readonly environment?: MockActivityEnvironment | undefined;
}

/** Ends the attempt once it is under way. @returns how it ended, in a function: a promise would be waited for. */
export async function cutShort(why: Why, { begin, underWay, environment = mockActivity() }: CutShort) {
  const working = begin(environment);
  working.catch(() => undefined);
  await until(underWay, 'work that is under way');
  cancel(environment, why);
  return () => working;
}
