import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DownloadContext, folderBytes, megabytes, runWatched } from './download-process.ts';
import type { ServerBinary } from './server-binaries.ts';

/**
 * Downloads the server with Temporal's SDK, as the SDK does for its own test environment. Runs in a separate process, because the SDK's
 * download cannot be aborted and would initialize the Temporal runtime of this process.
 * @throws {Error} with a one-line message when the download fails; without an internet connection within seconds
 */
export async function downloadWithSdk(binary: ServerBinary, { cacheDir, env, log }: DownloadContext): Promise<string> {
  const folder = sdkFolder(cacheDir);
  await mkdir(folder, { recursive: true });
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const program = fileURLToPath(new URL(`./sdk-download-process.${extension}`, import.meta.url));
  try {
    await runWatched(process.execPath, [program, binary.name, folder], {
      env,
      stalledMs: 10_000,
      progress: async () => {
        const bytes = await folderBytes(folder);
        if (bytes > 0) log(`Downloading the ${binary.title} with the Temporal SDK: ${megabytes(bytes)} MB`);
        return bytes;
      },
    });
  } catch (error) {
    throw new Error(`the download by the Temporal SDK failed: ${reasonOf(error)}`);
  }
  const path = await findSdkDownload(binary, cacheDir);
  if (path === undefined) throw new Error(`the download by the Temporal SDK left no executable in ${folder}`);
  return path;
}

/** Finds an earlier download of the SDK, which names them `temporal-sdk-typescript-<version>` and `temporal-test-server-sdk-typescript-<version>`. */
export async function findSdkDownload(binary: ServerBinary, cacheDir: string): Promise<string | undefined> {
  const folder = sdkFolder(cacheDir);
  const names = await readdir(folder).catch(() => []);
  const found = names.filter((name) => name.startsWith(`${binary.name}-sdk-`) && /\d(\.exe)?$/.test(name)).sort();
  const newest = found.at(-1);
  return newest === undefined ? undefined : join(folder, newest);
}

function sdkFolder(cacheDir: string): string {
  return join(cacheDir, 'sdk');
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /dns|lookup|connect|network/i.test(text) ? 'no connection to the download site' : text;
}
