import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ClusterError } from './cluster-error.ts';

const run = promisify(execFile);

/**
 * The latest version that Go 1.25 and 1.26.0 can build: 1.30 to 1.32 require Go 1.26.10 in their go.mod. Its source comes from the Go
 * module proxy, so no other download site is needed.
 */
const version = 'v1.29.1';
const packages = [`go.temporal.io/server/cmd/server@${version}`, `go.temporal.io/server/cmd/tools/sql@${version}`];

/** Paths of a Temporal server and of the tool that prepares its database. */
export interface TemporalPrograms {
  readonly server: string;
  readonly sqlTool: string;
  readonly version: string;
}

/**
 * Finds `temporal-server` and `temporal-sql-tool` on the PATH or in the cache. Otherwise builds them with Go once, which takes minutes.
 * @throws {ClusterError} when they are not found and cannot be built
 */
export async function temporalPrograms(note: (line: string) => void): Promise<TemporalPrograms> {
  const [server, sqlTool] = await Promise.all([onPath('temporal-server'), onPath('temporal-sql-tool')]);
  if (server !== undefined && sqlTool !== undefined) return { server, sqlTool, version: await versionOf(server) };
  const folder = join(cacheFolder(), `temporal-server-${version.slice(1)}`);
  const built = { server: join(folder, 'server'), sqlTool: join(folder, 'sql'), version: version.slice(1) };
  if (!((await isExecutable(built.server)) && (await isExecutable(built.sqlTool)))) await build(folder, note);
  return built;
}

async function build(folder: string, note: (line: string) => void): Promise<void> {
  note(`building the Temporal server ${version} with Go (once, takes a few minutes)`);
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), '.build-'));
  try {
    // Omitting debug symbols makes the programs a third smaller.
    await run('go', ['install', '-ldflags=-s -w', ...packages], {
      env: { ...process.env, GOBIN: work },
      maxBuffer: 2 ** 26,
    });
    await rm(folder, { recursive: true, force: true });
    // Rename atomically: concurrent builds never see a partial folder.
    await rename(work, folder);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    throw new ClusterError(
      missing
        ? 'Temporal server not found. Put temporal-server and temporal-sql-tool on the PATH, or install Go 1.25 or later to build them.'
        : `The Temporal server could not be built: ${why}`,
      { cause: error },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function versionOf(server: string): Promise<string> {
  const { stdout } = await run(server, ['--version']);
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'unknown';
}

function cacheFolder(): string {
  const { XDG_CACHE_HOME, HOME } = process.env;
  return join(XDG_CACHE_HOME || join(HOME || homedir(), '.cache'), 'gpu-clouds', 'temporal');
}

async function onPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter((entry) => entry !== '')) {
    if (await isExecutable(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
