import { defaultPayloadConverter, type Headers } from '@temporalio/common';

/** The W3C trace context of a span, which its child spans need. */
export interface ParentSpan {
  /** The trace's id: 32 hexadecimal digits. */
  readonly traceId: string;
  /** The span's id: 16 hexadecimal digits. */
  readonly spanId: string;
  /** W3C trace flags. 1 means that the trace is sampled. */
  readonly traceFlags: number;
}

/** The header of Temporal's own OpenTelemetry interceptors, so that clients and workers that use those share traces with ours. */
const header = '_tracer-data';
const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Returns the caller's span, or undefined if the headers have no valid trace context. */
export function parentSpanIn(headers: Headers): ParentSpan | undefined {
  const payload = headers[header];
  if (payload === undefined) return undefined;
  const carrier = defaultPayloadConverter.fromPayload<{ readonly traceparent?: string } | null>(payload);
  const [, traceId, spanId, flags] = traceparent.exec(carrier?.traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

/** Returns the input with a header that makes the span the parent of the called operation. */
export function withParentSpan<T extends { readonly headers: Headers }>(input: T, parent: ParentSpan): T {
  const flags = parent.traceFlags.toString(16).padStart(2, '0');
  const carrier = { traceparent: `00-${parent.traceId}-${parent.spanId}-${flags}` };
  return { ...input, headers: { ...input.headers, [header]: defaultPayloadConverter.toPayload(carrier) } };
}
