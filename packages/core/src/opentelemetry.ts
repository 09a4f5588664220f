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
import type { HookedCall, Hooks } from './hooks.ts';

/** Options of `openTelemetryHooks`. */
export interface OpenTelemetryOptions {
  /** Creates the spans. Default: the global tracer `@gpu-clouds/core`. */
  readonly tracer?: Tracer | undefined;
  /** Creates the histograms. Default: the global meter `@gpu-clouds/core`. */
  readonly meter?: Meter | undefined;
}

interface Traced {
  readonly span: Span;
  readonly context: Context;
  attempt: Span | undefined;
}

const library = '@gpu-clouds/core';

/**
 * Creates hooks for OpenTelemetry: `createVerda({ hooks: openTelemetryHooks() })`. Each call is a span under the active one,
 * each attempt a client span that follows the semantic conventions for HTTP. The histograms `http.client.request.duration`
 * (attempts) and `gpu_clouds.call.duration` (calls) are in seconds. URLs, headers, and bodies are not recorded.
 */
export function openTelemetryHooks(options: OpenTelemetryOptions = {}): Hooks {
  const { tracer = trace.getTracer(library), meter = metrics.getMeter(library) } = options;
  const attempts = meter.createHistogram('http.client.request.duration', { unit: 's' });
  const calls = meter.createHistogram('gpu_clouds.call.duration', { unit: 's' });
  const traced = new WeakMap<HookedCall, Traced>();

  function endAttempt(call: HookedCall, durationMs: number, outcome: Attributes): void {
    const span = traced.get(call)?.attempt;
    span?.setAttributes(outcome);
    if (outcome['error.type'] !== undefined) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    attempts.record(durationMs / 1000, { ...ofRequest(call), ...outcome });
  }

  function endCall(call: HookedCall, durationMs: number, outcome: Attributes): void {
    const span = traced.get(call)?.span;
    span?.setAttributes(outcome);
    span?.end();
    const failure = outcome['error.type'];
    calls.record(durationMs / 1000, { ...ofCall(call), 'error.type': failure });
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
      const attributes = { ...ofRequest(call), 'http.request.resend_count': attempt > 1 ? attempt - 1 : undefined };
      const options = { kind: SpanKind.CLIENT, attributes };
      known.attempt = tracer.startSpan(`${call.method} ${call.path}`, options, known.context);
    },
    onResponse({ call, status, durationMs }) {
      const failure = status >= 400 ? String(status) : undefined;
      endAttempt(call, durationMs, { 'http.response.status_code': status, 'error.type': failure });
    },
    onNoResponse({ call, code, durationMs }) {
      endAttempt(call, durationMs, { 'error.type': code });
    },
    onRetry({ call, delayMs }) {
      traced.get(call)?.span.addEvent('retry', { 'gpu_clouds.delay': delayMs / 1000 });
    },
    onDone({ call, attempts, durationMs }) {
      endCall(call, durationMs, { 'gpu_clouds.attempts': attempts });
    },
    onError({ call, error, attempts, durationMs }) {
      traced.get(call)?.span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      endCall(call, durationMs, {
        'error.type': error.code,
        'gpu_clouds.attempts': attempts,
        'gpu_clouds.may_have_taken_effect': error.mayHaveTakenEffect,
        'gpu_clouds.request_id': error.requestId,
      });
    },
  };
}

const ofCall = ({ vendor, operation }: HookedCall): Attributes => ({
  'gpu_clouds.vendor': vendor,
  'gpu_clouds.operation': operation,
});

function ofRequest({ method, path, baseUrl }: HookedCall): Attributes {
  const { hostname, port, protocol } = new URL(baseUrl);
  return {
    'http.request.method': method,
    'url.template': path,
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'http:' ? 80 : 443),
  };
}
