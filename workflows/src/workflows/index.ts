export type { JobFacts } from '../job-status.ts';
export { type JobOrder, taskQueues, workflowNames } from '../workflow-api.ts';
export { deployment } from './deployment.ts';
export type { DeploymentEnd, DeploymentRequest } from './deployment-api.ts';
export { instance } from './instance.ts';
export {
  connectionQuery,
  type Extension,
  extendUpdate,
  type InstanceConnection,
  type InstanceEnd,
  type InstanceFacts,
  type InstanceRequest,
  instanceChangedSignal,
  instanceQuery,
  type Release,
  releaseSignal,
  releaseUpdate,
} from './instance-api.ts';
export { statusQuery, stopSignal } from './job-run.ts';
export { type ReapOrder, reapOrphans } from './reap-orphans.ts';
export { runBatch, runBatchPart } from './run-batch.ts';
export { runJob } from './run-job.ts';
