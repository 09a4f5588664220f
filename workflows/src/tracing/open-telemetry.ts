import { type ParentSpan, parentSpanIn } from '@gpu-clouds/jobs/contract';
import { endAfter, fail, openTelemetryClientInterceptor } from '@gpu-clouds/jobs/tracing';
import {
  type Context,
  context,
  ROOT_CONTEXT,
  SpanKind,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import { RunSpanIds } from './run-span-ids.ts';
import type { Tracing } from './tracing.ts';
import type { EndedRun, TracingSinks } from './workflow-interceptors.ts';

/** The `idGenerator` for the tracer provider. It sets span ids that were chosen while the workflow was still running. */
export const runSpanIds: RunSpanIds = new RunSpanIds();

/**
 * Creates spans for starting a job, its workflows, and their activities. Spans of `openTelemetryHooks()` nest under them.
 * Spans hold ids, types, and failure kinds, but no input, result, or message. A workflow's span is emitted when the workflow ends,
 * and never if it is terminated.
 * @param provider A tracer provider created with `idGenerator: runSpanIds`. Default: the global one.
 */
export function openTelemetryTracing(provider?: TracerProvider): Tracing {
  const tracer = (provider ?? trace).getTracer('@gpu-clouds/workflows');
  return {
    client: openTelemetryClientInterceptor(provider),
    activity: activityInterceptor(tracer),
    sinks: sinks(tracer),
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
        return endAfter(span, () => context.with(trace.setSpan(within, span), () => next(input)));
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
          if (run.failure !== undefined) fail(span, run.failure);
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
