import type { Hooks } from '@gpu-clouds/core';
import type { TracerProvider } from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { Terminal } from './terminal.ts';

export interface CommandTracing {
  readonly provider: TracerProvider;
  /** For Temporal's client. */
  readonly client: WorkflowClientInterceptor;
  /** For the clouds' clients. */
  readonly hooks: Hooks;
  /** Sends what is still to be sent. */
  close(): Promise<void>;
}

/**
 * Spans of this process, sent where OpenTelemetry's variables say: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or OTEL_EXPORTER_OTLP_ENDPOINT, with
 * OTEL_EXPORTER_OTLP_HEADERS, under the name OTEL_SERVICE_NAME. Without an endpoint nothing is loaded, and the answer is undefined.
 * @param idGenerator Of a worker, whose workflows settle the ids of their spans. Default: by chance.
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
  // Without it a cloud's request would not know in which activity it was made. The process's first one stays.
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
    // A collector that is away is no reason for a command to fail.
    close: () => provider.shutdown().catch(() => undefined),
  };
}

function tracesUrl(env: Terminal['env']): string | undefined {
  if (env.OTEL_SDK_DISABLED === 'true') return undefined;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || (base ? `${base.replace(/\/$/, '')}/v1/traces` : undefined);
}

/** `name=value`, separated by commas, the values as in a URL. */
function headersIn(text = ''): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.split('='));
  return Object.fromEntries(
    pairs.flatMap(([name = '', ...value]) =>
      name.trim() === '' ? [] : [[name.trim(), decodeURIComponent(value.join('=').trim())]],
    ),
  );
}
