import { ensureReaper, temporalConnection } from '@gpu-clouds/jobs';
import { dataConverterFromEnv } from '@gpu-clouds/jobs/codec';
import { runWorker } from '@gpu-clouds/workflows';
import type { Tracing } from '@gpu-clouds/workflows/tracing';
import { configuredClouds } from '../clouds.ts';
import { fleet, masterSecret, namedFleet, runStore } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';
import { type CommandTracing, startTracing } from '../tracing.ts';

export interface WorkerOptions {
  /** Port of Prometheus metrics on loopback. None when left out. */
  readonly metricsPort?: number;
  /** Port of the health endpoint on loopback. None when left out. */
  readonly healthPort?: number;
  /** Version of this worker: runs stay with workers of the version that they began on. */
  readonly buildId?: string;
  /** False: leave the schedule that cleans up after the fleet as it is. */
  readonly reaper: boolean;
  readonly json?: boolean;
}

/** Serves this deployment's jobs until the terminal says stop; then lets go of what it does, for another worker to go on with. */
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
  const ours = {
    fleet: fleet(terminal),
    masterSecret: masterSecret(terminal),
    runs: await runStore(terminal),
  };
  await ours.runs.check();
  if (options.reaper) await startReaper(terminal);
  const buildId = options.buildId ?? terminal.env.GPU_CLOUDS_BUILD_ID;
  await runWorker({
    ...temporalConnection(terminal.env),
    ...ours,
    clouds,
    dataConverter: dataConverterFromEnv(terminal.env),
    env: terminal.env,
    signal: terminal.signal,
    ...(buildId ? { buildId } : {}),
    ...(traced === undefined ? {} : { tracing: await tracingOf(traced) }),
    ...(options.metricsPort === undefined ? {} : { metrics: { port: options.metricsPort } }),
    ...(options.healthPort === undefined ? {} : { health: { port: options.healthPort } }),
    onReady: (endpoints) => {
      const ready = { pid: process.pid, fleet: ours.fleet, clouds: [...clouds.keys()], ...endpoints };
      const where = Object.values(endpoints).map((url) => `; ${url}`);
      terminal.out(
        options.json
          ? JSON.stringify({ ready: true, ...ready })
          : `worker ready for ${ready.clouds.join(', ')}${where.join('')}; Ctrl-C stops it`,
      );
    },
  });
}

/** Loaded only when somebody traces. */
async function tracingOf({ provider }: CommandTracing): Promise<Tracing> {
  const { openTelemetryTracing } = await import('@gpu-clouds/workflows/tracing');
  return openTelemetryTracing(provider);
}

/**
 * Instances of a fleet that Temporal knows no owner of are destroyed. With a name that nobody chose they may well have one, in
 * another Temporal that shares the accounts.
 */
async function startReaper(terminal: Terminal): Promise<void> {
  const name = namedFleet(terminal);
  if (name === undefined) {
    terminal.note(
      'Nothing is cleaned up by schedule: set GPU_CLOUDS_FLEET to a name that no other Temporal server uses.',
    );
    return;
  }
  await withTemporal(terminal, (client) => ensureReaper(client, { fleet: name }));
}
