import { SimplePlugin } from '@temporalio/plugin';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { createWorkers } from '../worker/create-workers.ts';
import type { WorkerGroupOptions } from '../worker/worker-options.ts';

/**
 * Serves all task queues of this package beside your own worker, on its connection and in its namespace, while that worker runs:
 * `Worker.create({ …, plugins: [new GpuCloudsPlugin({ clouds, masterSecret })] })`. Your workflows can start jobs as children.
 * A client with the plugin uses the same data converter and starts the traces.
 */
export class GpuCloudsPlugin extends SimplePlugin {
  readonly #options: WorkerGroupOptions;
  #serving = false;

  /** @param options The options of `createWorkers`. `namespace` defaults to that of your worker. */
  constructor(options: WorkerGroupOptions) {
    super({
      name: '@gpu-clouds/workflows',
      ...(options.dataConverter === undefined ? {} : { dataConverter: options.dataConverter }),
      ...(options.tracing === undefined ? {} : { clientInterceptors: { workflow: [options.tracing.client] } }),
    });
    this.#options = options;
  }

  /** One that fails ends the other: a worker that looks alive must not have lost half of its task queues. */
  override async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    const { connection } = worker;
    // Given to the connection or to several workers it comes by more than once, our own workers included: the first time counts.
    if (this.#serving || connection === undefined) return next(worker);
    this.#serving = true;
    try {
      await this.#serveBeside(worker, connection, next);
    } finally {
      this.#serving = false;
    }
  }

  async #serveBeside(worker: Worker, connection: NativeConnection, next: (worker: Worker) => Promise<void>) {
    const { namespace } = worker.options;
    const ours = await createWorkers(connection, { namespace, ...this.#options });
    const theirs = next(worker).finally(() => ours.shutdown());
    const running = ours.run().finally(() => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    });
    const outcomes = await Promise.allSettled([theirs, running]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}
