import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { type ResolveServerOptions, resolveTemporalServer } from './resolve-server.ts';

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

export interface DevServer {
  /** `host:port` for clients and workers. */
  readonly address: string;
  readonly namespace: string;
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

/*
 * The shell between us and the server reads a pipe whose other end only this process holds: however this process ends, SIGKILL
 * included, the pipe closes and the shell stops the server.
 */
const supervisor = `
exec 3<&0
"$@" </dev/null 3<&- & server=$!
echo "pid $server"
{ cat <&3 >/dev/null; kill -TERM $server; i=0; while [ $i -lt 50 ]; do i=$((i + 1)); sleep 0.1; kill -0 $server || exit 0; done; kill -KILL $server; } 2>/dev/null >&2 & watcher=$!
exec 3<&-
wait $server; code=$?
kill $watcher 2>/dev/null
exit $code
`;

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

  const child = spawn('/bin/sh', ['-c', supervisor, 'sh', path, ...serverArguments(options.dbFile, port, uiPort)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in the terminal must reach the workers first, and the server after them.
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  const lastLines: string[] = [];
  const pid = readOutput(child, lastLines);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const close = () => stop(child, exited);
  try {
    await servesOrFails(port, child, lastLines);
    return {
      address: `${host}:${port}`,
      namespace,
      ...(uiPort === undefined ? {} : { uiUrl: `http://${host}:${uiPort}` }),
      pid: await pid,
      close,
    };
  } catch (error) {
    await close();
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

function readOutput(child: ChildProcess, lastLines: string[]): Promise<number> {
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        if (line.startsWith('pid ')) resolve(Number(line.slice(4)));
        else if (line.trim() !== '') lastLines.push(line);
        if (lastLines.length > 20) lastLines.shift();
      });
    }
  });
}

async function servesOrFails(port: number, child: ChildProcess, lastLines: readonly string[]): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break;
    if (await serves(`${host}:${port}`)) return;
    await delay(50);
  }
  const why = lastLines.at(-1) ?? 'it said nothing';
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

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.stdin?.end();
  await exited;
}

async function usablePort(port: number | undefined, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be used (${error.code})`;
      reject(
        new DevServerError(`Port ${port} for ${what} ${why}: choose another one, or leave it out for any free one.`),
      );
    });
    probe.listen(port ?? 0, host, () => {
      const address = probe.address();
      const found = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(found));
    });
  });
}
