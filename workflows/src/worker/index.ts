export { createWorkers, type WorkerGroup, workerDeploymentName } from './create-workers.ts';
export { type Endpoint, EndpointError } from './health-server.ts';
export { runWorker } from './run-worker.ts';
export {
  defaultActivitiesPerSecond,
  type RunWorkerOptions,
  type WorkerEndpoints,
  type WorkerGroupOptions,
} from './worker-options.ts';
export { workflowCode, workflowInterceptorModules, workflowsPath } from './workflow-code.ts';
