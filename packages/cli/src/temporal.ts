import { SearchAttributesError, searchAttributesRegistered, taskQueues, temporalConnection } from '@gpu-clouds/jobs';
import { dataConverterFromEnv } from '@gpu-clouds/jobs/codec';
import { Client, Connection, isGrpcServiceError, NamespaceNotFoundError } from '@temporalio/client';
import { CliError } from './cli-error.ts';
import type { Terminal } from './terminal.ts';
import { startTracing } from './tracing.ts';

/**
 * Connects to Temporal as its own tools do: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…, or a profile of
 * its configuration file. What is stored there is encrypted with GPU_CLOUDS_CODEC_KEYS, if set. Runs `work` and closes the connection.
 * @throws CliError when there is no Temporal at that address
 */
export async function withTemporal<T>(terminal: Terminal, work: (client: Client) => Promise<T>): Promise<T> {
  const { connection: how, namespace } = temporalConnection(terminal.env);
  const dataConverter = dataConverterFromEnv(terminal.env);
  const address = how.address ?? '127.0.0.1:7233';
  let connection: Connection;
  try {
    connection = await Connection.connect({ connectTimeout: '5s', ...how, address });
  } catch (error) {
    const hint = 'Set TEMPORAL_ADDRESS to its host:port, or start one here with "gpu-clouds dev".';
    throw new CliError(`No Temporal server answers at ${address}. ${hint}`, { cause: error });
  }
  const traced = await startTracing(terminal);
  const interceptors = traced === undefined ? {} : { workflow: [traced.client] };
  const options = { connection, dataConverter, interceptors, ...(namespace === undefined ? {} : { namespace }) };
  try {
    return await work(new Client(options));
  } catch (error) {
    if (!isUnknownNamespace(error)) throw error;
    const name = namespace ?? 'default';
    const what = `Temporal at ${address} has no namespace "${name}": set TEMPORAL_NAMESPACE, or create it there.`;
    throw new CliError(what, { cause: error });
  } finally {
    await traced?.close();
    await connection.close();
  }
}

function isUnknownNamespace(error: unknown): boolean {
  if (error instanceof NamespaceNotFoundError) return true;
  return isGrpcServiceError(error) && error.code === notFound && /^Namespace \S+ is not found/.test(error.details);
}

/** Of gRPC. */
const notFound = 5;

/** Starts something such that Temporal can be searched for it, where the namespace has been prepared for that. */
export async function startSearchable<T>(client: Client, start: (searchable: boolean) => Promise<T>): Promise<T> {
  const { connection, options } = client;
  // Who may not ask for them, as on some managed clusters, goes without.
  const prepared = await searchAttributesRegistered(connection, options.namespace).catch(() => false);
  if (!prepared) return start(false);
  try {
    return await start(true);
  } catch (error) {
    // A cluster takes a few seconds to know new ones everywhere.
    if (!(error instanceof SearchAttributesError)) throw error;
    return start(false);
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
