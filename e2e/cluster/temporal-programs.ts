import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ClusterError } from './cluster-error.ts';

const run = promisify(execFile);

/**
 * The latest that Go 1.25 and 1.26.0 build; 1.30 to 1.32 ask for Go 1.26.10 in their go.mod. The module proxy has the source, so that no
 * other place on the internet is needed.
 */
const version = 'v1.29.1';
const packages = [`go.temporal.io/server/cmd/server@${version}`, `go.temporal.io/server/cmd/tools/sql@${version}`];

/** A real Temporal server, and the tool that prepares its database. */
export interface TemporalPrograms {
  readonly server: string;
  readonly sqlTool: string;
  readonly version: string;
}

/**
 * From the PATH, under the names that Temporal gives them; else from the cache; else built with Go, which takes minutes, once.
 * @throws ClusterError
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
  note(`building the Temporal server ${version} with Go, once: some minutes`);
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), '.build-'));
  try {
    // Smaller by a third without symbols for debuggers.
    await run('go', ['install', '-ldflags=-s -w', ...packages], {
      env: { ...process.env, GOBIN: work },
      maxBuffer: 2 ** 26,
    });
    await rm(folder, { recursive: true, force: true });
    // A rename, so that processes that build at the same time never see half of it.
    await rename(work, folder);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    throw new ClusterError(
      missing
        ? 'There is no Temporal server: put temporal-server and temporal-sql-tool on the PATH, or install Go 1.25 or later, with which one is built.'
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
