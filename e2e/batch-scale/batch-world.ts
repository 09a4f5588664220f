import { fileURLToPath } from 'node:url';
import { startDevServer } from '@gpu-clouds/dev';
import { taskQueues } from '@gpu-clouds/jobs';
import { createActivities } from '@gpu-clouds/workflows/activities';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { childrenOf, type HistoryFigures, historyFigures } from './history-figures.ts';

/** Temporal's dev server, and a worker for batches whose runs end immediately. */
export interface BatchWorld {
  readonly client: Client;
  /** Returns the history figures of a batch and of each of its parts. */
  figures(id: string): Promise<{ readonly whole: HistoryFigures; readonly parts: readonly HistoryFigures[] }>;
  close(): Promise<void>;
}

/** Starts the dev server and the worker. */
export async function startBatchWorld(): Promise<BatchWorld> {
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('quick-runs.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
  const { followRuns } = createActivities({
    fleet: 'default',
    clouds: new Map(),
    masterSecret: 'a secret that nothing is derived from',
    timing: { pollIntervalMs: 100 },
  }).job;
  const server = await startDevServer();
  const client = new Client({ connection: await Connection.connect({ address: server.address }) });
  const native = await NativeConnection.connect({ address: server.address });
  const worker = await Worker.create({
    connection: native,
    taskQueue: taskQueues.workflows,
    workflowBundle,
    activities: { followRuns },
  });
  const ended = worker.run();
  return {
    client,
    async figures(id) {
      const { runId } = await client.workflow.getHandle(id).describe();
      const parts = await childrenOf(client, id);
      return {
        whole: await historyFigures(client, id, runId),
        parts: await Promise.all([...parts].map(([part, firstRun]) => historyFigures(client, part, firstRun))),
      };
    },
    async close() {
      worker.shutdown();
      await ended;
      await native.close();
      await client.connection.close();
      await server.close();
    },
  };
}
