import type { ApplicationFailure } from '@temporalio/common';
import type { JobBill } from './job-status.ts';

/** Returns the bill of a failed or stopped run, which is the first detail of its failure. Undefined if the failure has no bill. */
export function billOf({ details }: ApplicationFailure): JobBill | undefined {
  const [bill]: unknown[] = details ?? [];
  return isBill(bill) ? bill : undefined;
}

function isBill(value: unknown): value is JobBill {
  if (typeof value !== 'object' || value === null || !('dollars' in value && 'phases' in value)) return false;
  return typeof value.dollars === 'number' && Array.isArray(value.phases);
}
