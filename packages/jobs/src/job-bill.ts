import type { ApplicationFailure } from '@temporalio/common';
import type { JobBill } from './job-status.ts';

/** What a run cost that failed or was stopped: the first of the details of its failure. Undefined where somebody else made the failure. */
export function billOf({ details }: ApplicationFailure): JobBill | undefined {
  const [bill]: unknown[] = details ?? [];
  return isBill(bill) ? bill : undefined;
}

function isBill(value: unknown): value is JobBill {
  if (typeof value !== 'object' || value === null || !('dollars' in value && 'phases' in value)) return false;
  return typeof value.dollars === 'number' && Array.isArray(value.phases);
}
