/** The part that connects and lists, without job files and their schema: a command that only reads starts faster with it. */
export type { BudgetFacts, BudgetLimit } from './budget/budget-api.ts';
export { budgetFacts, clearBudget, setBudget } from './budget/budget-client.ts';
export { type ListedJob, listJobStatuses, stateOf } from './client/list-jobs.ts';
export { namespaceFleet } from './fleet.ts';
export type { JobStatus } from './job-status.ts';
export { checkMasterSecret } from './ssh/master-keys.ts';
export { temporalConnection } from './temporal-connection.ts';
export { taskQueues } from './workflow-api.ts';
