import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { TracingSinks } from './workflow-interceptors.ts';

/** What clients and workers need to be part of one trace. */
export interface Tracing {
  /** For the client: `new Client({ connection, interceptors: { workflow: [tracing.client] } })`. */
  readonly client: WorkflowClientInterceptor;
  /** For workers: a span for each attempt of an activity, around the calls that it makes. */
  readonly activity: ActivityInterceptorsFactory;
  /** For workers: what workflows tell at their end, since they cannot make spans themselves. */
  readonly sinks: InjectedSinks<TracingSinks>;
}
