import type { FailureRule } from '../failure-rules.ts';

/** What the vendor's refusals mean, each rule with its evidence. Without a rule, the HTTP status decides. */
export const vendorNameFailures: readonly FailureRule[] = [];
