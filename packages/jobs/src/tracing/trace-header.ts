import { defaultPayloadConverter, type Headers } from '@temporalio/common';

/** What of a span its children need to know, wherever they are: W3C trace context. */
export interface ParentSpan {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** 1: somebody wants to see it. */
  readonly traceFlags: number;
}

/** The header of Temporal's own OpenTelemetry interceptors, so that clients and workers that use those are part of our traces, and we of theirs. */
const header = '_tracer-data';
const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The span that called; undefined when nobody traces. */
export function parentSpanIn(headers: Headers): ParentSpan | undefined {
  const payload = headers[header];
  if (payload === undefined) return undefined;
  const carrier = defaultPayloadConverter.fromPayload<{ readonly traceparent?: string } | null>(payload);
  const [, traceId, spanId, flags] = traceparent.exec(carrier?.traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

/** Adds the header that names the span as parent of what is called. */
export function withParentSpan<T extends { readonly headers: Headers }>(input: T, parent: ParentSpan): T {
  const flags = parent.traceFlags.toString(16).padStart(2, '0');
  const carrier = { traceparent: `00-${parent.traceId}-${parent.spanId}-${flags}` };
  return { ...input, headers: { ...input.headers, [header]: defaultPayloadConverter.toPayload(carrier) } };
}
