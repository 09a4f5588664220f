import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { TracingSinks } from './workflow-interceptors.ts';

/** Interceptors and sinks that connect clients and workers in one trace. */
export interface Tracing {
  /** For the client: `new Client({ connection, interceptors: { workflow: [tracing.client] } })`. */
  readonly client: WorkflowClientInterceptor;
  /** For workers: creates a span for each activity attempt. */
  readonly activity: ActivityInterceptorsFactory;
  /** For workers: record the spans of workflows, which cannot create spans themselves. */
  readonly sinks: InjectedSinks<TracingSinks>;
}
