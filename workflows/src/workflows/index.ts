export type { JobFacts } from '@gpu-clouds/jobs/contract';
export {
  type Extension,
  type InstanceConnection,
  type InstanceEnd,
  type InstanceFacts,
  type InstanceRequest,
  type JobDeploymentRequest,
  type JobOrder,
  type ReapOrder,
  taskQueues,
  workflowNames,
} from '@gpu-clouds/jobs/contract';
export { budgetLedger } from './budget-ledger.ts';
export { instance } from './instance.ts';
export {
  connectionQuery,
  extendUpdate,
  instanceChangedSignal,
  instanceQuery,
  releaseSignal,
  releaseUpdate,
} from './instance-messages.ts';
export { statusQuery, stopSignal } from './job-run.ts';
export { leaseShareSignal, leaveLeaseSignal, useLeaseSignal } from './lease-messages.ts';
export { notifyRun } from './notify-run.ts';
export { reapOrphans } from './reap-orphans.ts';
export { runBatch, runBatchPart } from './run-batch.ts';
export { runJob } from './run-job.ts';
