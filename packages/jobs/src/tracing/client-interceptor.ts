import { isSpanContextValid, SpanKind, type TracerProvider, trace } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { endAfter } from './span-end.ts';
import { withParentSpan } from './trace-header.ts';

/**
 * A span for each workflow that a client starts, which hands its trace on: `new Client({ connection, interceptors: { workflow: [openTelemetryClientInterceptor()] } })`.
 * @param provider Default: the global one.
 */
export function openTelemetryClientInterceptor(provider?: TracerProvider): WorkflowClientInterceptor {
  const tracer = (provider ?? trace).getTracer('@gpu-clouds/jobs');
  return {
    startWithDetails: (input, next) => {
      const { workflowType, options } = input;
      const attributes = { temporalWorkflowId: options.workflowId };
      const span = tracer.startSpan(`StartWorkflow:${workflowType}`, { kind: SpanKind.PRODUCER, attributes });
      // Without an SDK there is no trace to hand on.
      const traced = isSpanContextValid(span.spanContext());
      return endAfter(span, () => next(traced ? withParentSpan(input, span.spanContext()) : input));
    },
  };
}
