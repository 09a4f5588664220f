import { isSpanContextValid, SpanKind, type TracerProvider, trace } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { endAfter } from './span-end.ts';
import { withParentSpan } from './trace-header.ts';

/**
 * Creates an interceptor that records a span for each workflow that a client starts and passes the trace on to the workflow.
 * Usage: `new Client({ connection, interceptors: { workflow: [openTelemetryClientInterceptor()] } })`.
 * @param provider Default: the global tracer provider.
 */
export function openTelemetryClientInterceptor(provider?: TracerProvider): WorkflowClientInterceptor {
  const tracer = (provider ?? trace).getTracer('@gpu-clouds/jobs');
  return {
    startWithDetails: (input, next) => {
      const { workflowType, options } = input;
      const attributes = { temporalWorkflowId: options.workflowId };
      const span = tracer.startSpan(`StartWorkflow:${workflowType}`, { kind: SpanKind.PRODUCER, attributes });
      // Without an OpenTelemetry SDK there is no trace to pass on.
      const traced = isSpanContextValid(span.spanContext());
      return endAfter(span, () => next(traced ? withParentSpan(input, span.spanContext()) : input));
    },
  };
}
