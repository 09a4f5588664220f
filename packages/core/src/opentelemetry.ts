import {
  type Attributes,
  type Context,
  context,
  type Meter,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { BegunCall, Hooks } from './hooks.ts';

/** Options of `openTelemetryHooks`. */
export interface OpenTelemetryOptions {
  /** Default: the global tracer `@gpu-clouds/core`. */
  readonly tracer?: Tracer;
  /** Default: the global meter `@gpu-clouds/core`. */
  readonly meter?: Meter;
}

interface Traced {
  readonly span: Span;
  readonly context: Context;
  attempt: Span | undefined;
}

const library = '@gpu-clouds/core';

/**
 * Hooks for OpenTelemetry: `createVerda({ hooks: openTelemetryHooks() })`. A span for each call, under the one that is
 * active, and a client span for each attempt, named and described by the conventions for HTTP; the histograms
 * `http.client.request.duration` of attempts and `gpu_clouds.call.duration` of calls, in seconds. No URL, header or body.
 */
export function openTelemetryHooks(options: OpenTelemetryOptions = {}): Hooks {
  const { tracer = trace.getTracer(library), meter = metrics.getMeter(library) } = options;
  const attempts = meter.createHistogram('http.client.request.duration', { unit: 's' });
  const calls = meter.createHistogram('gpu_clouds.call.duration', { unit: 's' });
  const traced = new WeakMap<BegunCall, Traced>();

  function endAttempt(call: BegunCall, milliseconds: number, outcome: Attributes): void {
    const span = traced.get(call)?.attempt;
    span?.setAttributes(outcome);
    if (outcome['error.type'] !== undefined) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    attempts.record(milliseconds / 1000, { ...ofRequest(call), ...outcome });
  }

  function endCall(call: BegunCall, milliseconds: number, outcome: Attributes): void {
    const span = traced.get(call)?.span;
    span?.setAttributes(outcome);
    span?.end();
    const failure = outcome['error.type'];
    calls.record(milliseconds / 1000, { ...ofCall(call), ...(failure !== undefined && { 'error.type': failure }) });
  }

  return {
    onCall({ call }) {
      const parent = context.active();
      const span = tracer.startSpan(`${call.vendor} ${call.operation}`, { attributes: ofCall(call) }, parent);
      traced.set(call, { span, context: trace.setSpan(parent, span), attempt: undefined });
    },
    onRequest({ call, attempt }) {
      const known = traced.get(call);
      if (!known) return;
      const attributes = { ...ofRequest(call), ...(attempt > 1 && { 'http.request.resend_count': attempt - 1 }) };
      const options = { kind: SpanKind.CLIENT, attributes };
      known.attempt = tracer.startSpan(`${call.method} ${call.path}`, options, known.context);
    },
    onResponse({ call, status, milliseconds }) {
      const failure = status >= 400 ? { 'error.type': String(status) } : {};
      endAttempt(call, milliseconds, { 'http.response.status_code': status, ...failure });
    },
    onNoResponse({ call, code, milliseconds }) {
      endAttempt(call, milliseconds, { 'error.type': code });
    },
    onRetry({ call, delay }) {
      traced.get(call)?.span.addEvent('retry', { 'gpu_clouds.delay': delay / 1000 });
    },
    onDone({ call, attempts, milliseconds }) {
      endCall(call, milliseconds, { 'gpu_clouds.attempts': attempts });
    },
    onError({ call, error, attempts, milliseconds }) {
      traced.get(call)?.span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      endCall(call, milliseconds, {
        ...{ 'error.type': error.code, 'gpu_clouds.attempts': attempts },
        'gpu_clouds.may_have_taken_effect': error.mayHaveTakenEffect,
        ...(error.requestId !== undefined && { 'gpu_clouds.request_id': error.requestId }),
      });
    },
  };
}

const ofCall = ({ vendor, operation }: BegunCall): Attributes => ({
  'gpu_clouds.vendor': vendor,
  'gpu_clouds.operation': operation,
});

function ofRequest({ method, path, baseUrl }: BegunCall): Attributes {
  const { hostname, port, protocol } = new URL(baseUrl);
  return {
    ...{ 'http.request.method': method, 'url.template': path, 'server.address': hostname },
    'server.port': Number(port) || (protocol === 'http:' ? 80 : 443),
  };
}
