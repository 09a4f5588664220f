import { taskQueues } from '@gpu-clouds/workflows';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { CliError } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * Connects to Temporal as its own tools do: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…, or a profile of
 * its configuration file. Runs `work` and closes the connection.
 * @throws CliError when there is no Temporal at that address
 */
export async function withTemporal<T>(terminal: Terminal, work: (client: Client) => Promise<T>): Promise<T> {
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: definedOnly(terminal.env) });
  const address = connectionOptions.address ?? '127.0.0.1:7233';
  let connection: Connection;
  try {
    connection = await Connection.connect({ connectTimeout: '5s', ...connectionOptions, address });
  } catch (error) {
    const hint = 'Set TEMPORAL_ADDRESS, or start one here with "gpu-clouds dev".';
    throw new CliError(`No Temporal server answers at ${address}. ${hint}`, { cause: error });
  }
  try {
    return await work(new Client({ connection, ...(namespace === undefined ? {} : { namespace }) }));
  } finally {
    await connection.close();
  }
}

/** Says so when no worker is there to take up a job: it would wait in silence. */
export async function noteMissingWorker(client: Client, terminal: Terminal): Promise<void> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueues.workflows },
    taskQueueType: 1,
  });
  if (pollers?.length) return;
  terminal.note(
    'No worker has asked for jobs in the last minutes: this one waits until "gpu-clouds worker" runs somewhere.',
  );
}

/** Where Temporal is, for the worker, which makes its own connection. */
export function temporalAddress(terminal: Terminal): { readonly address?: string; readonly namespace?: string } {
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: definedOnly(terminal.env) });
  return {
    ...(connectionOptions.address === undefined ? {} : { address: connectionOptions.address }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function definedOnly(env: Terminal['env']): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
