import { ensureReaper, temporalConnection } from '@gpu-clouds/jobs';
import { dataConverterFromEnv } from '@gpu-clouds/jobs/codec';
import { runWorker } from '@gpu-clouds/workflows';
import type { Tracing } from '@gpu-clouds/workflows/tracing';
import { configuredClouds } from '../clouds.ts';
import { fleetOf, masterSecret, runStore } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';
import { type CommandTracing, startTracing } from '../tracing.ts';

export interface WorkerOptions {
  /** Port on 127.0.0.1 that serves Prometheus metrics. Default: not served. */
  readonly metricsPort?: number | undefined;
  /** Port on 127.0.0.1 that serves the health endpoint. Default: not served. */
  readonly healthPort?: number | undefined;
  /** Build ID of this worker. A run stays with workers of the build ID that it started on. */
  readonly buildId?: string | undefined;
  /** False: do not start or update the reaper schedule of the fleet. */
  readonly reaper: boolean;
  readonly json?: boolean | undefined;
}

/**
 * Serves the jobs of this fleet until the signal of the terminal aborts, then shuts down so that another worker can continue them.
 * @throws {CliError} when no cloud has credentials or the master secret is missing
 */
export async function worker(options: WorkerOptions, terminal: Terminal): Promise<void> {
  const traced = await startTracing(terminal, async () => (await import('@gpu-clouds/workflows/tracing')).runSpanIds);
  try {
    await serve(options, traced, terminal);
  } finally {
    await traced?.close();
  }
}

async function serve(options: WorkerOptions, traced: CommandTracing | undefined, terminal: Terminal): Promise<void> {
  const clouds = configuredClouds(terminal, traced === undefined ? {} : { hooks: traced.hooks });
  const secret = masterSecret(terminal);
  const ours = {
    fleet: await withTemporal(terminal, (client) => fleetOf(terminal, client)),
    masterSecret: secret,
    runs: await runStore(terminal),
  };
  await ours.runs.check();
  if (options.reaper) await withTemporal(terminal, (client) => ensureReaper(client, { fleet: ours.fleet }));
  const buildId = options.buildId ?? terminal.env.GPU_CLOUDS_BUILD_ID;
  await runWorker({
    ...temporalConnection(terminal.env),
    ...ours,
    clouds,
    dataConverter: dataConverterFromEnv(terminal.env),
    env: terminal.env,
    signal: terminal.signal,
    ...(buildId ? { buildId } : {}),
    tracing: traced === undefined ? undefined : await tracingOf(traced),
    metrics: options.metricsPort === undefined ? undefined : { port: options.metricsPort },
    health: options.healthPort === undefined ? undefined : { port: options.healthPort },
    onReady: (endpoints) => {
      const ready = { pid: process.pid, fleet: ours.fleet, clouds: [...clouds.keys()], ...endpoints };
      const where = Object.values(endpoints).map((url) => (url === undefined ? '' : `; ${url}`));
      terminal.out(
        options.json
          ? JSON.stringify({ ready: true, ...ready })
          : `worker ready for ${ready.clouds.join(', ')}${where.join('')}; press Ctrl-C to stop it`,
      );
    },
  });
}

/** Imports the tracing module only when tracing is enabled. */
async function tracingOf({ provider }: CommandTracing): Promise<Tracing> {
  const { openTelemetryTracing } = await import('@gpu-clouds/workflows/tracing');
  return openTelemetryTracing(provider);
}
