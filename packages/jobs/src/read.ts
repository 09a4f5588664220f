/** The part that connects and lists, without job files and their schema: a command that only reads starts faster with it. */
export type { BudgetFacts, BudgetLimit } from './budget/budget-api.ts';
export { budgetFacts } from './budget/budget-facts.ts';
export { type ListedJob, listJobStatuses, stateOf } from './client/job-statuses.ts';
export { namespaceFleet } from './fleet.ts';
export type { JobStatus } from './job-status.ts';
export { type FastReadOptions, fastRead } from './reader/fast-read.ts';
export type { TemporalReader, WorkflowDescription, WorkflowInfo, WorkflowReader } from './reader/temporal-reader.ts';
export { checkMasterSecret } from './ssh/master-keys.ts';
export { type TemporalConnection, temporalConnection } from './temporal-connection.ts';
export { taskQueues } from './workflow-api.ts';
