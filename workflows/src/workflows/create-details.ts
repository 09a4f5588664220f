import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { CreateFailureDetails } from '../activities/contract.ts';

/** Returns what a failed create may have left. Undefined if the failure does not say. */
export function createDetails(error: unknown): CreateFailureDetails | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const [details] = cause.details ?? [];
  return isCreateDetails(details) ? details : undefined;
}

/**
 * Returns the last time, in milliseconds since the epoch, at which a failed create may have taken effect. Undefined if it certainly has not.
 */
export function lastCreateAfter(error: unknown): number | undefined {
  return createDetails(error)?.mayHaveTakenEffect === false ? undefined : Date.now();
}

function isCreateDetails(value: unknown): value is CreateFailureDetails {
  return typeof value === 'object' && value !== null && 'mayHaveTakenEffect' in value;
}
