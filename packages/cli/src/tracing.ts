import type { Hooks } from '@gpu-clouds/core';
import type { TracerProvider } from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { Terminal } from './terminal.ts';

/** Tracing of one process. */
export interface CommandTracing {
  readonly provider: TracerProvider;
  /** Interceptor for the Temporal client. */
  readonly client: WorkflowClientInterceptor;
  /** Hooks for the clients of the clouds. */
  readonly hooks: Hooks;
  /** Exports the remaining spans and shuts tracing down. Ignores export failures. */
  close(): Promise<void>;
}

/**
 * Starts exporting the spans of this process to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT.
 * Uses OTEL_EXPORTER_OTLP_HEADERS and OTEL_SERVICE_NAME.
 * @param idGenerator Generates span IDs. Workers pass one because workflows determine the IDs of their spans. Default: random IDs.
 * @returns undefined, without loading OpenTelemetry, when no endpoint is set
 */
export async function startTracing(
  { env }: Pick<Terminal, 'env'>,
  idGenerator?: () => Promise<IdGenerator>,
): Promise<CommandTracing | undefined> {
  const url = tracesUrl(env);
  if (url === undefined) return undefined;
  const [{ context }, contexts, { OTLPTraceExporter }, { resourceFromAttributes }, sdk, core, jobs] = await Promise.all(
    [
      import('@opentelemetry/api'),
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/exporter-trace-otlp-proto'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/sdk-trace'),
      import('@gpu-clouds/core/opentelemetry'),
      import('@gpu-clouds/jobs/tracing'),
    ],
  );
  // Links the span of a cloud's request to that of its activity. Only the first call in a process has an effect.
  context.setGlobalContextManager(new contexts.AsyncLocalStorageContextManager());
  const exporter = new OTLPTraceExporter({ url, headers: headersIn(env.OTEL_EXPORTER_OTLP_HEADERS) });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': env.OTEL_SERVICE_NAME || 'gpu-clouds' }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
    ...(idGenerator === undefined ? {} : { idGenerator: await idGenerator() }),
  });
  return {
    provider,
    client: jobs.openTelemetryClientInterceptor(provider),
    hooks: core.openTelemetryHooks({ tracer: provider.getTracer('@gpu-clouds/core') }),
    // An unreachable collector must not fail the command.
    close: () => provider.shutdown().catch(() => undefined),
  };
}

/** Returns where spans are exported to, if tracing is on. */
export function tracesUrl(env: Terminal['env']): string | undefined {
  if (env.OTEL_SDK_DISABLED === 'true') return undefined;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || (base ? `${base.replace(/\/$/, '')}/v1/traces` : undefined);
}

/** Parses `name=value` pairs, separated by commas, with URL-encoded values. */
function headersIn(text = ''): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.split('='));
  return Object.fromEntries(
    pairs.flatMap(([name = '', ...value]) =>
      name.trim() === '' ? [] : [[name.trim(), decodeURIComponent(value.join('=').trim())]],
    ),
  );
}
