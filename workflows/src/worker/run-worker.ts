import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  TransportError,
} from '@temporalio/worker';
import { createWorkers } from './create-workers.ts';
import type { RunWorkerOptions } from './worker-options.ts';

/** Temporal does not answer. The message says where, and what to do. */
export class TemporalConnectionError extends Error {
  override readonly name = 'TemporalConnectionError';
}

/**
 * Serves all task queues in this process until SIGINT, SIGTERM or the signal of the options, then lets running activities end. Commands
 * on machines go on, for the next worker to follow. To be called once a process: it settles the process's Temporal runtime.
 * @throws MasterSecretError, TemporalConnectionError
 */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger(options.logLevel ?? 'WARN'),
    // The native core warns of every activity that was let go when its workflow ended, which is how watching a machine ends.
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
  });
  const connection = await connect(options.address ?? '127.0.0.1:7233');
  try {
    const workers = await createWorkers(connection, options);
    const running = workers.run();
    options.signal?.addEventListener('abort', workers.shutdown, { once: true });
    if (options.signal?.aborted) workers.shutdown();
    options.onReady?.();
    await running;
  } finally {
    await connection.close();
  }
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
