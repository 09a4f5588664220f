import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { freePort, portProblem } from '../free-ports.ts';
import { type SupervisedProcess, startSupervised } from '../supervised-process.ts';
import { type ResolveServerOptions, resolveTemporalServer } from './resolve-server.ts';

/** Ports, database, and web interface of the dev server. */
export interface DevServerOptions extends ResolveServerOptions {
  /** Port on 127.0.0.1. Default: any free port. */
  readonly port?: number | undefined;
  /** SQLite file that keeps workflows across restarts. Default: in memory. */
  readonly dbFile?: string | undefined;
  /** Serve Temporal's web interface. Default: false. */
  readonly ui?: boolean | undefined;
  /** Port of the web interface on 127.0.0.1. Default: any free port. */
  readonly uiPort?: number | undefined;
  /** Temporal's dynamic configuration, added to the dev server's and to one partition of each task queue instead of four. */
  readonly dynamicConfig?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** A running dev server. */
export interface DevServer {
  /** `host:port` for clients and workers. */
  readonly address: string;
  /** Always `default`, the namespace that the dev server creates. */
  readonly namespace: string;
  /** URL of Temporal's web interface. Absent without the option `ui`. */
  readonly uiUrl?: string | undefined;
  /** Process ID of the server. */
  readonly pid: number;
  /** Stops the server and waits until it is gone. Safe to call twice. */
  close(): Promise<void>;
}

/** Thrown when the dev server did not start. The message has the reason. */
export class DevServerError extends Error {
  override readonly name = 'DevServerError';
}

const host = '127.0.0.1';
/** More partitions are for more than one server. Here they only take processor time: a fifth of what a short run takes. */
const onePartition = { 'matching.numTaskqueueReadPartitions': 1, 'matching.numTaskqueueWritePartitions': 1 };
const namespace = 'default';

/**
 * Starts Temporal's dev server on 127.0.0.1 and waits up to 30 s until it serves requests. It stops when this process exits, even on SIGKILL.
 * @throws {ServerNotFoundError} when no executable is found and no download works
 * @throws {DevServerError} when the server does not start, for example because a port or the database is in use
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const { path } = await resolveTemporalServer(options);
  const port = await usablePort(options.port, 'Temporal');
  const uiPort = options.ui ? await usablePort(options.uiPort, "Temporal's web interface") : undefined;
  if (options.dbFile !== undefined) await mkdir(dirname(options.dbFile), { recursive: true });

  const program = startSupervised(path, serverArguments(options, port, uiPort), { env: options.env });
  try {
    await servesOrFails(port, program);
    return {
      address: `${host}:${port}`,
      namespace,
      ...(uiPort === undefined ? {} : { uiUrl: `http://${host}:${uiPort}` }),
      pid: await program.pid,
      close: () => program.close(),
    };
  } catch (error) {
    await program.close();
    throw error;
  }
}

function serverArguments(
  { dbFile, dynamicConfig }: DevServerOptions,
  port: number,
  uiPort: number | undefined,
): string[] {
  const database =
    dbFile === undefined
      ? []
      : // Eight times the throughput of SQLite's defaults. A power failure can lose development runs only.
        ['--db-filename', dbFile, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=OFF'];
  const ui = uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch'];
  const config = Object.entries({ ...onePartition, ...dynamicConfig }).flatMap(([key, value]) => [
    '--dynamic-config-value',
    `${key}=${JSON.stringify(value)}`,
  ]);
  const where = ['--ip', host, '--port', String(port)];
  return ['server', 'start-dev', ...where, '--log-level', 'error', ...ui, ...database, ...config];
}

async function servesOrFails(port: number, program: SupervisedProcess): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline && program.running) {
    if (await serves(`${host}:${port}`)) return;
    await delay(50);
  }
  const why = program.lastLine ?? 'it printed no output';
  throw new DevServerError(`The Temporal dev server did not start on ${host}:${port}: ${why}`);
}

async function serves(address: string): Promise<boolean> {
  const connection = Connection.lazy({ address });
  try {
    await connection.withDeadline(Date.now() + 2000, () => connection.workflowService.describeNamespace({ namespace }));
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

async function usablePort(port: number | undefined, what: string): Promise<number> {
  if (port === undefined) return freePort();
  const problem = await portProblem(port);
  if (problem === undefined) return port;
  const why = problem === 'EADDRINUSE' ? 'is in use by another program' : `cannot be used (${problem})`;
  throw new DevServerError(`Port ${port} for ${what} ${why}. Choose another port, or omit it to use any free port.`);
}
