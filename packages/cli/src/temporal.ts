import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { dataConverterFromEnv } from '@gpu-clouds/jobs/codec';
import { taskQueues, temporalConnection } from '@gpu-clouds/jobs/read';
import { Client, Connection, isGrpcServiceError, NamespaceNotFoundError } from '@temporalio/client';
import { CliError, exitCodes } from './cli-error.ts';
import { devSettingsName } from './dev-record.ts';
import { usesProxy } from './proxy.ts';
import { home } from './settings.ts';
import { shellWord } from './shell-word.ts';
import { isTemporalLost, type TemporalLoss } from './temporal-loss.ts';
import type { Terminal } from './terminal.ts';
import { startTracing } from './tracing.ts';

/** No Temporal server answers. The message says where. */
export class TemporalUnreachableError extends CliError {
  /** What is wrong, without what to do. */
  readonly problem: string;
  /** What to do. */
  readonly fix: string;

  constructor(address: string, terminal: Terminal, options: ErrorOptions) {
    const settings = devSettings(terminal);
    const hint =
      settings === undefined
        ? 'Set TEMPORAL_ADDRESS to its host:port, or start a local server with "gpu-clouds dev".'
        : `For the local stack of this folder: export GPU_CLOUDS_SETTINGS=${shellWord(settings)}`;
    const problem = `No Temporal server answers at ${address}.`;
    super(`${problem} ${hint}`, { ...options, exitCode: exitCodes.unreachable });
    this.problem = problem;
    this.fix = hint;
  }
}

/**
 * Connects to Temporal, runs `work`, and closes the connection. Reads the same settings as Temporal's own tools: TEMPORAL_ADDRESS,
 * TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…, or a profile of their configuration file. Encrypts payloads when
 * GPU_CLOUDS_CODEC_KEYS is set.
 * @throws {CliError} when no Temporal server answers, or it lacks the namespace
 */
export async function withTemporal<T>(terminal: Terminal, work: (client: Client) => Promise<T>): Promise<T> {
  const { connection: how, namespace } = temporalConnection(terminal.env);
  const dataConverter = dataConverterFromEnv(terminal.env);
  const address = how.address ?? '127.0.0.1:7233';
  await checkListening(address, terminal);
  let connection: Connection;
  try {
    connection = await Connection.connect({ connectTimeout: '5s', ...how, address });
  } catch (error) {
    throw new TemporalUnreachableError(address, terminal, { cause: error });
  }
  const traced = await startTracing(terminal);
  const interceptors = traced === undefined ? {} : { workflow: [traced.client] };
  const options = { connection, dataConverter, interceptors, ...(namespace === undefined ? {} : { namespace }) };
  try {
    return await work(new Client(options));
  } catch (error) {
    if (isTemporalLost(error) && !terminal.signal.aborted) {
      throw new CliError(
        `Temporal at ${address} stopped answering. Runs and leases continue, and bill within their limits. Run "gpu-clouds ps" and "gpu-clouds ls" once it answers.`,
        { cause: error, exitCode: exitCodes.unreachable },
      );
    }
    if (!isUnknownNamespace(error)) throw error;
    const name = namespace ?? 'default';
    const what = `Temporal at ${address} has no namespace "${name}". Set TEMPORAL_NAMESPACE, or create the namespace.`;
    throw new CliError(what, { cause: error });
  } finally {
    await traced?.close();
    await connection.close();
  }
}

/** Returns the settings that "gpu-clouds dev" wrote in this folder, if no other settings are in force. */
function devSettings(terminal: Terminal): string | undefined {
  if (terminal.settingsFile !== undefined || terminal.env.TEMPORAL_ADDRESS) return undefined;
  const file = resolve(home(terminal), devSettingsName);
  return existsSync(file) ? file : undefined;
}

/**
 * Fails at once if nothing listens at the address. Temporal's client would try for seconds.
 * @throws {TemporalUnreachableError} when the connection is refused or the host is unknown
 */
async function checkListening(address: string, terminal: Terminal): Promise<void> {
  const { env } = terminal;
  const [, host = '', port] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(address) ?? [];
  if (port === undefined || usesProxy(env)) return;
  const socket = connect({ host, port: Number(port), timeout: 2000 });
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    socket
      .once('connect', () => resolve(undefined))
      .once('timeout', () => resolve(undefined))
      .once('error', resolve);
  });
  socket.destroy();
  if (problem?.code === 'ECONNREFUSED' || problem?.code === 'ENOTFOUND')
    throw new TemporalUnreachableError(address, terminal, { cause: problem });
}

function isUnknownNamespace(error: unknown): boolean {
  if (error instanceof NamespaceNotFoundError) return true;
  return isGrpcServiceError(error) && error.code === notFound && /^Namespace \S+ is not found/.test(error.details);
}

/** gRPC status code NOT_FOUND. */
const notFound = 5;

/** Prints a note when no worker polls for jobs, because a new job then waits without progress. */
export async function noteMissingWorker(client: Client, terminal: Terminal): Promise<void> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueues.workflows },
    taskQueueType: 1,
  });
  if (pollers?.length) return;
  terminal.note(
    'gpu-clouds: No worker has polled for jobs in the last few minutes. This command waits until one does: start a worker with "gpu-clouds worker".',
  );
}

/** Makes a call that the signal of the terminal aborts. */
export function untilStopped<T>(
  client: Client,
  { signal }: Pick<Terminal, 'signal'>,
  call: () => Promise<T>,
): Promise<T> {
  // `withAbortSignal` ignores a signal that has already aborted.
  signal.throwIfAborted();
  return client.connection.withAbortSignal(signal, call);
}

/** Milliseconds after which a read without an answer counts as a lost connection. */
const readTimeoutMs = 10_000;

/**
 * Reads from Temporal again while it does not answer, also when it hangs, and says so.
 * @throws what {@link TemporalLoss.persist} throws
 */
export function readPersistently<T>(
  client: Client,
  loss: TemporalLoss,
  terminal: Pick<Terminal, 'signal'>,
  read: () => Promise<T>,
): Promise<T> {
  const { connection } = client;
  return loss.persist(() =>
    connection.withAbortSignal(terminal.signal, () => connection.withDeadline(Date.now() + readTimeoutMs, read)),
  );
}
