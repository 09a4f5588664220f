import { Runtime } from '@temporalio/worker';
import { countInstances } from '../metrics/instance-census.ts';
import { chosenConnection, connect } from './connect.ts';
import { createWorkers, type WorkerGroup } from './create-workers.ts';
import { serveHealth } from './health-server.ts';
import { installRuntime, metricsUrl } from './install-runtime.ts';
import { workerFleet } from './worker-fleet.ts';
import type { RunWorkerOptions } from './worker-options.ts';

type Named = RunWorkerOptions & { readonly fleet: string };

/**
 * Serves all task queues in this process until SIGINT, SIGTERM, or `options.signal`, then lets running activities end. Commands
 * on instances keep running, and the next worker follows them. Call it once per process: it installs the process's Temporal runtime.
 * @throws {MasterSecretError} The master secret is too short.
 * @throws {TemporalConnectionError} Temporal does not answer.
 * @throws {EndpointError} The metrics or health endpoint cannot listen.
 */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  installRuntime(options);
  let workers: WorkerGroup | undefined;
  const health = options.health && (await serveHealth(options.health, () => workers?.polling() ?? false));
  try {
    const { connection: how, ...where } = chosenConnection(options);
    const connection = await connect(how);
    try {
      const named = { ...options, fleet: await workerFleet({ ...options, ...where }, connection) };
      workers = await createWorkers(connection, { ...named, ...where });
      await serve(workers, named, health?.url);
    } finally {
      await connection.close();
    }
  } finally {
    await health?.close();
  }
}

async function serve(workers: WorkerGroup, options: Named, healthUrl: string | undefined): Promise<void> {
  const { signal, metrics } = options;
  const ended = new AbortController();
  const running = workers.run().finally(() => ended.abort());
  signal?.addEventListener('abort', workers.shutdown, { once: true });
  if (signal?.aborted) workers.shutdown();
  const census = metrics && countInstances({ ...censusOf(options), signal: ended.signal });
  options.onReady?.({
    metricsUrl: metrics === undefined ? undefined : metricsUrl(metrics),
    healthUrl,
  });
  await running;
  await census;
}

function censusOf({ clouds, fleet }: Named) {
  return { clouds: clouds.values(), fleet, meter: Runtime.instance().metricMeter };
}
