import { type FailureKind, failurePolicies } from '@gpu-clouds/jobs/contract';
import { ApplicationFailure, ApplicationFailureCategory, type ApplicationFailureOptions } from '@temporalio/common';

/** Returns a failure that Temporal does not retry. Its type is the failure kind. */
export function finalFailure(kind: FailureKind, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: kind, message, nonRetryable: true, ...categoryOf(kind) });
}

/** Temporal's workers log failures, except benign ones. Vendors and jobs fail every day: only what somebody has to act on is logged. */
export function categoryOf(kind: FailureKind): Pick<ApplicationFailureOptions, 'category'> {
  return failurePolicies[kind].alert ? {} : { category: ApplicationFailureCategory.BENIGN };
}
