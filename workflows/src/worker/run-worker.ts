import { NativeConnection, Runtime, TransportError } from '@temporalio/worker';
import { countMachines } from '../metrics/machine-census.ts';
import { createWorkers, type WorkerGroup } from './create-workers.ts';
import { serveHealth } from './health-server.ts';
import { installRuntime, metricsUrl } from './install-runtime.ts';
import type { RunWorkerOptions } from './worker-options.ts';

/** Temporal does not answer. The message says where, and what to do. */
export class TemporalConnectionError extends Error {
  override readonly name = 'TemporalConnectionError';
}

/**
 * Serves all task queues in this process until SIGINT, SIGTERM or the signal of the options, then lets running activities end. Commands
 * on machines go on, for the next worker to follow. To be called once a process: it settles the process's Temporal runtime.
 * @throws MasterSecretError, TemporalConnectionError, EndpointError
 */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  installRuntime(options);
  let workers: WorkerGroup | undefined;
  const health = options.health && (await serveHealth(options.health, () => workers?.polling() ?? false));
  try {
    const connection = await connect(options.address ?? '127.0.0.1:7233');
    try {
      workers = await createWorkers(connection, options);
      await serve(workers, options, health?.url);
    } finally {
      await connection.close();
    }
  } finally {
    await health?.close();
  }
}

async function serve(workers: WorkerGroup, options: RunWorkerOptions, healthUrl: string | undefined): Promise<void> {
  const { signal, metrics } = options;
  const ended = new AbortController();
  const running = workers.run().finally(() => ended.abort());
  signal?.addEventListener('abort', workers.shutdown, { once: true });
  if (signal?.aborted) workers.shutdown();
  const census = metrics && countMachines({ ...censusOf(options), signal: ended.signal });
  options.onReady?.({
    ...(metrics === undefined ? {} : { metricsUrl: metricsUrl(metrics) }),
    ...(healthUrl === undefined ? {} : { healthUrl }),
  });
  await running;
  await census;
}

function censusOf({ clouds, deployment = 'default' }: RunWorkerOptions) {
  return { clouds: clouds.values(), deployment, meter: Runtime.instance().metricMeter };
}

async function connect(address: string): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ address });
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw new TemporalConnectionError(
      `Temporal does not answer at ${address}: start it (\`gpu-clouds dev\` has one), or name another address.`,
      { cause: error },
    );
  }
}
