import { type Span, SpanStatusCode } from '@opentelemetry/api';

/** Does the work, then ends the span. If the work fails, marks the span as failed and throws the error again. */
export async function endAfter<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    fail(span, error instanceof Error ? error.name : 'failed');
    throw error;
  } finally {
    span.end();
  }
}

/**
 * Marks the span as failed.
 * @param kind The kind of the failure. Not its message, which may contain data that does not belong in traces.
 */
export function fail(span: Span, kind: string): void {
  span.setAttribute('error.type', kind);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
