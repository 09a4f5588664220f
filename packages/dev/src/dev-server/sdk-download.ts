import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DownloadContext, folderBytes, megabytes, runWatched } from './download-process.ts';
import type { ServerBinary } from './server-binaries.ts';

/**
 * Lets Temporal's SDK download the server as it does for its own test environment. It runs in a process of its own, since the SDK
 * cannot be told to stop, and since starting it here would settle this process's Temporal runtime.
 * @throws Error with one line, within seconds when there is no way to the internet.
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
    throw new Error(`the Temporal SDK's own download failed: ${reasonOf(error)}`);
  }
  const path = await findSdkDownload(binary, cacheDir);
  if (path === undefined) throw new Error(`the Temporal SDK's own download left nothing in ${folder}`);
  return path;
}

/** The SDK names its downloads `temporal-sdk-typescript-<version>` and `temporal-test-server-sdk-typescript-<version>`. */
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
