import { execFile } from 'node:child_process';
import { access, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort, type SupervisedProcess, startSupervised } from '@gpu-clouds/dev';
import { ClusterError } from './cluster-error.ts';

const run = promisify(execFile);
const debian = '/usr/lib/postgresql';

/** A temporary PostgreSQL server on 127.0.0.1. It stops when this process exits. */
export interface Postgres {
  readonly port: number;
  readonly user: string;
  readonly folder: string;
  readonly version: string;
  /** Stops the server and deletes its data. Safe to call twice. */
  close(): Promise<void>;
}

type User = { readonly uid: number; readonly gid: number };

/**
 * Starts a temporary PostgreSQL server. Installs PostgreSQL if necessary.
 * @throws {ClusterError} when it cannot be installed or does not start
 */
export async function startPostgres(note: (line: string) => void): Promise<Postgres> {
  const programs = (await programFolder()) ?? (await install(note));
  const user = await unprivileged();
  const folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-postgres-'));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const port = await freePort();
  const data = join(folder, 'data');
  const superuser = 'temporal';
  let server: SupervisedProcess | undefined;
  const close = async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const initdb = ['-D', data, '-U', superuser, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    await run(join(programs, 'initdb'), initdb, { cwd: folder, ...user });
    server = startSupervised(join(programs, 'postgres'), serverArguments(data, port), {
      // SIGINT is a fast shutdown in PostgreSQL: it does not wait for clients.
      endSignal: 'INT',
      cwd: folder,
      log: join(folder, 'postgres.log'),
      user,
    });
    await untilReady(join(programs, 'pg_isready'), port, server);
    const { stdout } = await run(join(programs, 'postgres'), ['--version']);
    return { port, user: superuser, folder, version: /\d+(\.\d+)*/.exec(stdout)?.[0] ?? 'unknown', close };
  } catch (error) {
    await close();
    const why = error instanceof Error ? error.message : String(error);
    throw new ClusterError(`PostgreSQL did not start: ${why.trim().split('\n').at(-1)}`, { cause: error });
  }
}

function serverArguments(data: string, port: number): readonly string[] {
  // fsync protects against power failures, which end this test anyway.
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=200'];
  return ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}

async function untilReady(isReady: string, port: number, server: SupervisedProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (server.running && Date.now() < deadline) {
    const ready = await run(isReady, ['-q', '-h', '127.0.0.1', '-p', String(port)]).catch(() => undefined);
    if (ready !== undefined) return;
    await delay(100);
  }
  throw new Error(server.lastLine ?? 'it printed no output');
}

/** Finds the folder with the server's programs. Debian keeps them outside the PATH, in one folder per version. */
async function programFolder(): Promise<string | undefined> {
  const versions = (await readdir(debian).catch(() => [])).sort((a, b) => Number(b) - Number(a));
  const onPath = (process.env.PATH ?? '').split(':');
  for (const folder of [...versions.map((version) => join(debian, version, 'bin')), ...onPath]) {
    if (await has(folder, 'initdb')) return folder;
  }
  return undefined;
}

async function has(folder: string, program: string): Promise<boolean> {
  return access(join(folder, program)).then(
    () => true,
    () => false,
  );
}

async function install(note: (line: string) => void): Promise<string> {
  if (process.getuid?.() !== 0) {
    throw new ClusterError(
      'PostgreSQL is not installed. Install it (on Debian: apt-get install postgresql), or run this as root to install it automatically.',
    );
  }
  note('installing PostgreSQL with apt-get');
  try {
    // Stops Debian's package from starting a server.
    await mkdir('/etc/postgresql-common/createcluster.d', { recursive: true });
    await writeFile('/etc/postgresql-common/createcluster.d/gpu-clouds.conf', 'create_main_cluster = false\n');
    await run('apt-get', ['update', '-qq']);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql'], { env });
  } catch (error) {
    throw new ClusterError('PostgreSQL could not be installed. Run "apt-get install postgresql" to see why.', {
      cause: error,
    });
  }
  const folder = await programFolder();
  if (folder === undefined)
    throw new ClusterError(`PostgreSQL was installed, but its programs were not found below ${debian}.`);
  return folder;
}

/** Returns the `postgres` user of Debian's package when this process runs as root, because PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}
