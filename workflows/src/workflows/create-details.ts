import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { CreateFailureDetails } from '../activities/contract.ts';

/** What the failure of a create says of what it may have left. Undefined when it says nothing. */
export function createDetails(error: unknown): CreateFailureDetails | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const [details] = cause.details ?? [];
  return isCreateDetails(details) ? details : undefined;
}

function isCreateDetails(value: unknown): value is CreateFailureDetails {
  return typeof value === 'object' && value !== null && 'mayHaveTakenEffect' in value;
}
