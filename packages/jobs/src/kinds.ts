/** What failures and phases of a run are called, and how amounts are written. Loads nothing else, so that a schema or a page can use it. */
export { dollars } from './dollars.ts';
export { type FailureKind, type FailurePolicy, failurePolicies } from './failure-kinds.ts';
export { type JobPhase, jobPhases } from './job-status.ts';
