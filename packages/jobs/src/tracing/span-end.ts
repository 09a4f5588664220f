import { type Span, SpanStatusCode } from '@opentelemetry/api';

/** Ends the span when the work has ended, as failed when that has. */
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

/** Marks the span as failed. @param kind Of the failure: no message, which may hold what traces must not. */
export function fail(span: Span, kind: string): void {
  span.setAttribute('error.type', kind);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
