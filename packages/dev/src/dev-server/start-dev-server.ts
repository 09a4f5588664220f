import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { freePort, portProblem } from '../free-ports.ts';
import { type SupervisedProcess, startSupervised } from '../supervised-process.ts';
import { type ResolveServerOptions, resolveTemporalServer } from './resolve-server.ts';

/** Where the dev server listens, and whether it remembers anything once it was stopped. */
export interface DevServerOptions extends ResolveServerOptions {
  /** Port on 127.0.0.1. Default: any free one. */
  readonly port?: number;
  /** SQLite file that keeps workflows over restarts. Default: in memory. */
  readonly dbFile?: string;
  /** Serve Temporal's web interface. Default false. */
  readonly ui?: boolean;
  /** Default: any free one. */
  readonly uiPort?: number;
}

/** A dev server that serves. */
export interface DevServer {
  /** `host:port` for clients and workers. */
  readonly address: string;
  /** The one that it has from its start: `default`. */
  readonly namespace: string;
  /** Of Temporal's web interface. Absent without the option `ui`. */
  readonly uiUrl?: string;
  /** Of the server itself. */
  readonly pid: number;
  /** Stops the server and waits until it is gone. Safe to call twice. */
  close(): Promise<void>;
}

/** The dev server did not start. The message says why in a sentence. */
export class DevServerError extends Error {
  override readonly name = 'DevServerError';
}

const host = '127.0.0.1';
const namespace = 'default';

/**
 * Starts Temporal's dev server on loopback and waits until it serves. It ends with this process, however that ends.
 * @throws ServerNotFoundError when there is no executable and none can be downloaded.
 * @throws DevServerError when it does not start: a busy port, a database in use.
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const { path } = await resolveTemporalServer(options);
  const port = await usablePort(options.port, 'Temporal');
  const uiPort = options.ui ? await usablePort(options.uiPort, "Temporal's web interface") : undefined;
  if (options.dbFile !== undefined) await mkdir(dirname(options.dbFile), { recursive: true });

  const program = startSupervised(path, serverArguments(options.dbFile, port, uiPort));
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

function serverArguments(dbFile: string | undefined, port: number, uiPort: number | undefined): string[] {
  const database =
    dbFile === undefined
      ? []
      : // Eight times the throughput of SQLite's defaults; what a power cut can lose is a development run.
        ['--db-filename', dbFile, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=OFF'];
  const ui = uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch'];
  return ['server', 'start-dev', '--ip', host, '--port', String(port), '--log-level', 'error', ...ui, ...database];
}

async function servesOrFails(port: number, program: SupervisedProcess): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline && program.running) {
    if (await serves(`${host}:${port}`)) return;
    await delay(50);
  }
  const why = program.lastLine ?? 'it said nothing';
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
  throw new DevServerError(`Port ${port} for ${what} ${why}: choose another one, or leave it out for any free one.`);
}
