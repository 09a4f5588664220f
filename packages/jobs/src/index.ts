export type {
  BatchCounts,
  BatchItemEnd,
  BatchItemResult,
  BatchResult,
  BatchState,
  BatchStatus,
} from './batch-status.ts';
export type { BudgetFacts, BudgetLimit } from './budget/budget-api.ts';
export { type BudgetOptions, clearBudget, setBudget } from './budget/budget-client.ts';
export { budgetFacts } from './budget/budget-facts.ts';
export {
  BatchError,
  type BatchHandle,
  batchHandle,
  type StartBatchOptions,
  startBatch,
} from './client/batch-client.ts';
export { NoWorkerError } from './client/batch-queries.ts';
export {
  type CostGroup,
  type CostGrouping,
  type CostOptions,
  type CostPart,
  costParts,
  groupCosts,
} from './client/cost-parts.ts';
export { JobNotFoundError } from './client/described.ts';
export {
  cancelJob,
  checkRunId,
  JobFailedError,
  type JobHandle,
  JobIdError,
  jobHandle,
  SearchAttributesError,
  type StartJobOptions,
  startJob,
  stopJob,
} from './client/job-client.ts';
export {
  type EndedStatuses,
  type JobStatusFilters,
  jobWithStatus,
  type ListedJob,
  listJobStatuses,
  stateOf,
} from './client/job-statuses.ts';
export {
  isLeaseName,
  type LeaseHandle,
  type LeaseOptions,
  leaseHandle,
  leaseId,
  leaseInstance,
} from './client/lease-client.ts';
export { type LeaseSummary, leaseCost, leaseSummary, listLeases } from './client/lease-summary.ts';
export { checkOnLease } from './client/lease-use.ts';
export { type BatchSummary, listBatches, listJobs } from './client/list-jobs.ts';
export type { JobSummary, ListOptions } from './client/list-workflows.ts';
export { registerSearchAttributes, searchAttributesRegistered } from './client/register-search-attributes.ts';
export {
  JobScheduleError,
  listSchedules,
  type ScheduleHandle,
  type ScheduleJobOptions,
  ScheduleMissingError,
  type ScheduleOverlap,
  type ScheduleStatus,
  scheduleHandle,
  scheduleJob,
  scheduleOverlaps,
} from './client/schedule-client.ts';
export { itemsOfBatch, jobOfRun } from './client/started-with.ts';
export { UncertainStartError } from './client/uncertain-start.ts';
export { type WatchOptions, watchJob } from './client/watch-job.ts';
export { type FailureKind, type FailurePolicy, failurePolicies } from './failure-kinds.ts';
export { FleetError, type NamespaceAccess, namespaceFleet } from './fleet.ts';
export { InputError } from './inputs/input-error.ts';
export type { SkippedFile } from './inputs/list-files.ts';
export {
  checkUploads,
  type InputSummary,
  type UploadOptions,
  type UploadProgress,
  uploadInputs,
  uploadJobFiles,
} from './inputs/upload-inputs.ts';
export type {
  IdleLease,
  InstanceAlarms,
  InstanceConnection,
  InstanceEnd,
  InstanceFacts,
  RunOnLease,
} from './instance-api.ts';
export type { BatchItem } from './job/batch-item.ts';
export { costCap, costCapOf } from './job/cost-cap.ts';
export { durationSeconds } from './job/duration.ts';
export { type DeploymentJob, type InstanceJob, type Job, type JobInput, maxNodes } from './job/job-schema.ts';
export type { Notification } from './job/notification.ts';
export { offerConstraints } from './job/offer-constraints.ts';
export { type Batch, BatchFileError, parseBatch, parseBatchItems } from './job/parse-batch.ts';
export { JobError, jobFrom, parseJob } from './job/parse-job.ts';
export { secretNamesOf } from './job/secret-names.ts';
export {
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
export { LeaseError } from './lease/lease-error.ts';
export type { TemporalReader, WorkflowDescription, WorkflowInfo, WorkflowReader } from './reader/temporal-reader.ts';
export { ensureReaper, type ReaperOptions } from './reap/ensure-reaper.ts';
export type { OwnerState } from './reap/owner-state.ts';
export { type FindOwners, ownersInTemporal } from './reap/owners.ts';
export {
  listFleets,
  mergeReports,
  type NamedResource,
  type Orphan,
  type OrphansSince,
  type ReapAlarm,
  type ReapOptions,
  type ReapReport,
  reap,
} from './reap/reap.ts';
export type { AlarmReason, OrphanReason } from './reap/reap-decision.ts';
export {
  type Reaper,
  ReaperNotFoundError,
  type ReaperRun,
  type ReaperStatus,
  reaperHandle,
} from './reap/reaper-handle.ts';
export { type GpuReading, type GpuSample, type ReadGpuSamplesOptions, readGpuSamples } from './runs/gpu-samples.ts';
export { localRunStore } from './runs/local-run-store.ts';
export { openRunStore } from './runs/open-run-store.ts';
export { sinceOffset } from './runs/output-times.ts';
export { type ReadOutputOptions, readOutput } from './runs/read-output.ts';
export {
  type FileProperties,
  type InputStore,
  type ListedOutput,
  type OutputPace,
  type OutputRef,
  type PutFileOptions,
  type RunStore,
  RunStoreError,
  type StoredFile,
  type StoredItem,
  type TokenStore,
} from './runs/run-store.ts';
export { tailOffset } from './runs/tail-offset.ts';
export { deriveSshKey, type SshKeyPair } from './ssh/derive-key.ts';
export { checkMasterSecret, MasterSecretError } from './ssh/master-keys.ts';
export { type SshLogin, sshLogin } from './ssh/ssh-login.ts';
export { type TemporalConnection, TemporalConnectionError, temporalConnection } from './temporal-connection.ts';
export { taskQueues } from './workflow-api.ts';
