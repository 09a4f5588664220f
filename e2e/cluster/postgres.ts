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

/** A PostgreSQL of one's own: on loopback, in a temporary folder, gone with this process. */
export interface Postgres {
  readonly port: number;
  readonly user: string;
  readonly folder: string;
  readonly version: string;
  /** Ends it and deletes its data. Safe to call twice. */
  close(): Promise<void>;
}

type User = { readonly uid: number; readonly gid: number };

/** @throws ClusterError when there is none and it cannot be installed, or it does not start. */
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
      // What Debian calls a fast shutdown: it does not wait for clients.
      endSignal: 'INT',
      cwd: folder,
      log: join(folder, 'postgres.log'),
      ...(user === undefined ? {} : { user }),
    });
    await answers(join(programs, 'pg_isready'), port, server);
    const { stdout } = await run(join(programs, 'postgres'), ['--version']);
    return { port, user: superuser, folder, version: /\d+(\.\d+)*/.exec(stdout)?.[0] ?? 'unknown', close };
  } catch (error) {
    await close();
    const why = error instanceof Error ? error.message : String(error);
    throw new ClusterError(`PostgreSQL did not start: ${why.trim().split('\n').at(-1)}`, { cause: error });
  }
}

function serverArguments(data: string, port: number): readonly string[] {
  // What fsync guards against is a power cut, with which a run of this is over anyway.
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=200'];
  return ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}

async function answers(isReady: string, port: number, server: SupervisedProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (server.running && Date.now() < deadline) {
    const ready = await run(isReady, ['-q', '-h', '127.0.0.1', '-p', String(port)]).catch(() => undefined);
    if (ready !== undefined) return;
    await delay(100);
  }
  throw new Error(server.lastLine ?? 'it said nothing');
}

/** Debian keeps the server's programs out of the PATH, a folder for each version. */
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
      'There is no PostgreSQL: install it (Debian: apt-get install postgresql), or run this as root.',
    );
  }
  note('installing PostgreSQL with apt-get');
  try {
    // Without this Debian's package starts a server of its own.
    await mkdir('/etc/postgresql-common/createcluster.d', { recursive: true });
    await writeFile('/etc/postgresql-common/createcluster.d/gpu-clouds.conf', 'create_main_cluster = false\n');
    await run('apt-get', ['update', '-qq']);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql'], { env });
  } catch (error) {
    throw new ClusterError('PostgreSQL could not be installed: apt-get install postgresql says why.', { cause: error });
  }
  const folder = await programFolder();
  if (folder === undefined) throw new ClusterError(`PostgreSQL was installed, and is not below ${debian}.`);
  return folder;
}

/** PostgreSQL refuses to run as root: then as the user that Debian's package makes for it. */
async function unprivileged(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}
