export { createWorkers, type WorkerGroup } from './create-workers.ts';
export { type Endpoint, EndpointError } from './health-server.ts';
export { runWorker, TemporalConnectionError } from './run-worker.ts';
export {
  defaultActivitiesPerSecond,
  type RunWorkerOptions,
  type WorkerEndpoints,
  type WorkerGroupOptions,
} from './worker-options.ts';
export { workflowCode, workflowsPath } from './workflow-code.ts';
