import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** VersityGW serves a local folder by the protocol of S3; Apache-2.0. */
const version = 'v1.8.0';
const module = 'github.com/versity/versitygw/cmd/versitygw';

/**
 * The executable of an S3 server: `VERSITYGW_PATH`, or the one in the cache folder, which is built once with Go.
 * @throws Error that says what helps
 */
export async function resolveS3Server(): Promise<string> {
  const { env } = process;
  if (env.VERSITYGW_PATH) return env.VERSITYGW_PATH;
  const cache = join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'gpu-clouds', 's3');
  const path = join(cache, `versitygw-${version}`);
  if (await isExecutable(path)) return path;
  console.log(`Building the S3 server VersityGW ${version} once into ${cache}: a minute or more`);
  await mkdir(cache, { recursive: true });
  const building = await mkdtemp(join(cache, 'building-'));
  try {
    await promisify(execFile)('go', ['install', `${module}@${version}`], { env: { ...env, GOBIN: building } });
    await rename(join(building, 'versitygw'), path);
    return path;
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    throw new Error(
      `There is no S3 server to test with: it could not be built (${reason}). Install Go, or set VERSITYGW_PATH to a versitygw executable.`,
    );
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
