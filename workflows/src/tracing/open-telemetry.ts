import {
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import { RunSpanIds } from './run-span-ids.ts';
import { type ParentSpan, parentSpanIn, withParentSpan } from './trace-header.ts';
import type { EndedRun, TracingSinks } from './workflow-interceptors.ts';

/** What clients and workers need to be part of one trace. */
export interface Tracing {
  /** For the client: `new Client({ connection, interceptors: { workflow: [tracing.client] } })`. */
  readonly client: WorkflowClientInterceptor;
  /** For workers: a span for each attempt of an activity, around the calls that it makes. */
  readonly activity: ActivityInterceptorsFactory;
  /** For workers: what workflows tell at their end, since they cannot make spans themselves. */
  readonly sinks: InjectedSinks<TracingSinks>;
}

/** To be given to the tracer provider as its `idGenerator`: the ids of workflows' spans are settled while those still run. */
export const runSpanIds: RunSpanIds = new RunSpanIds();

/**
 * Spans for starting a job, its workflows and their activities, under which the clouds' clients with `openTelemetryHooks()` put theirs.
 * They hold ids, types and kinds of failures; no input, result or message. A workflow's span is told at its end, and never when it was terminated.
 * @param provider Made with `idGenerator: runSpanIds`. Default: the global one.
 */
export function openTelemetryTracing(provider?: TracerProvider): Tracing {
  const tracer = (provider ?? trace).getTracer('@gpu-clouds/workflows');
  return { client: clientInterceptor(tracer), activity: activityInterceptor(tracer), sinks: sinks(tracer) };
}

function clientInterceptor(tracer: Tracer): WorkflowClientInterceptor {
  return {
    startWithDetails: (input, next) => {
      const { workflowType, options } = input;
      const attributes = { temporalWorkflowId: options.workflowId };
      const span = tracer.startSpan(`StartWorkflow:${workflowType}`, { kind: SpanKind.PRODUCER, attributes });
      // Without an SDK there is no trace to hand on.
      const traced = isSpanContextValid(span.spanContext());
      return ended(span, () => next(traced ? withParentSpan(input, span.spanContext()) : input));
    },
  };
}

function activityInterceptor(tracer: Tracer): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      execute(input, next) {
        const parent = parentSpanIn(input.headers);
        if (parent === undefined) return next(input);
        const attributes = {
          temporalWorkflowId: info.workflowExecution?.workflowId ?? '',
          run_id: info.workflowExecution?.runId ?? '',
          temporalActivityId: info.activityId,
          'gpu_clouds.attempt': info.attempt,
        };
        const within = remote(parent);
        const options = { kind: SpanKind.CONSUMER, attributes };
        const span = tracer.startSpan(`RunActivity:${info.activityType}`, options, within);
        return ended(span, () => context.with(trace.setSpan(within, span), () => next(input)));
      },
    },
  });
}

function sinks(tracer: Tracer): InjectedSinks<TracingSinks> {
  return {
    gpuCloudsTracing: {
      runEnded: {
        // What is replayed was told when it happened.
        callDuringReplay: false,
        fn({ workflowType, workflowId, runId }, run: EndedRun) {
          const attributes = { temporalWorkflowId: workflowId, run_id: runId };
          const options = { kind: SpanKind.CONSUMER, attributes, startTime: run.startedAt };
          const start = () => tracer.startSpan(`RunWorkflow:${workflowType}`, options, remote(run.parent));
          const span = runSpanIds.with(run.span.spanId, start);
          const misplaced = span.isRecording() && span.spanContext().spanId !== run.span.spanId;
          if (run.failure !== undefined) failed(span, run.failure);
          span.end(run.endedAt);
          if (misplaced) throw new Error('Traces fall apart: make the tracer provider with `idGenerator: runSpanIds`.');
        },
      },
    },
  };
}

function remote(parent: ParentSpan): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

async function ended<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    failed(span, error instanceof Error ? error.name : 'failed');
    throw error;
  } finally {
    span.end();
  }
}

function failed(span: Span, kind: string): void {
  span.setAttribute('error.type', kind);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
