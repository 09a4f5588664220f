/** What clients and workers share: names, inputs, results, and messages of the workflows. Imports no Node module, so workflows can bundle it. */
export { endOfFailure } from './batch-end.ts';
export { fitsTemporal, jsonBytes, partCount } from './batch-size.ts';
export type {
  BatchCounts,
  BatchFacts,
  BatchItemEnd,
  BatchItemResult,
  BatchOrder,
  BatchPartOrder,
  BatchResult,
  NumberedItem,
} from './batch-status.ts';
export {
  type BudgetChange,
  type BudgetDecision,
  type BudgetFacts,
  type BudgetLimit,
  type BudgetRequest,
  type BudgetSettlement,
  budgetNames,
  budgetWorkflowId,
} from './budget/budget-api.ts';
export { BudgetLedger, type LedgerState } from './budget/budget-ledger.ts';
export { contractVersion } from './contract-version.ts';
export { dollars } from './dollars.ts';
export {
  type FailureKind,
  type FailurePolicy,
  type FailureSummary,
  failureKindOf,
  failurePolicies,
} from './failure-kinds.ts';
export type {
  Extension,
  IdleLease,
  InstanceAlarms,
  InstanceConnection,
  InstanceEnd,
  InstanceFacts,
  InstanceRequest,
  JobDeploymentRequest,
  JobSubmission,
  Release,
  RunOnLease,
} from './instance-api.ts';
export { type BatchItem, jobOfItem } from './job/batch-item.ts';
export type { InstanceContainer, JobContainer } from './job/container-schema.ts';
export { durationSeconds } from './job/duration.ts';
export type { DeploymentJob, InstanceJob, Job } from './job/job-schema.ts';
export type { Notification } from './job/notification.ts';
export type { Webhook } from './job/notify-schema.ts';
export { offerConstraints, vendorsOf } from './job/offer-constraints.ts';
export { bucketPlace, bucketPlaceFor, isUrl } from './job/remote-file.ts';
export {
  activeInstancesOf as instancesOf,
  costOf,
  type IdleGpus,
  type JobAttempt,
  type JobBill,
  type JobFacts,
  type JobFailure,
  type JobInstance,
  type JobLease,
  type JobOutcome,
  type JobPhase,
  type JobResult,
  type JobStatus,
  type JobTransfer,
  type JobWait,
  jobPhases,
  latestAttemptOf,
  type SentFiles,
} from './job-status.ts';
export {
  type InstanceShare,
  type LeaseDescription,
  type LeasedInstance,
  type LeaseShare,
  type LeaseUse,
  type LeaseUser,
  leaseSignalNames,
} from './lease/lease-api.ts';
export { LeaseQueue, type QueuedUse } from './lease/lease-queue.ts';
export type { OrphansSince, ReapReport } from './reap/reap.ts';
export { searchAttributes } from './search-attributes.ts';
export { type ParentSpan, parentSpanIn, withParentSpan } from './tracing/trace-header.ts';
export {
  batchResultsQueryName,
  drainSignalName,
  idleGpusSignalName,
  instanceNames,
  type JobMemo,
  type JobOrder,
  type LeasePrices,
  mustEndByMemo,
  pricesMemo,
  type ReapOrder,
  type ScheduledOrder,
  statusQueryName,
  stopSignalName,
  taskQueues,
  teardownStuckAfterMs,
  workflowNames,
} from './workflow-api.ts';
