import { spawnSync } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { InstanceContainer, InstanceShare } from '@gpu-clouds/jobs/contract';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { preparation } from './container.ts';
import { preparationCodes } from './preparation-codes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
  await Promise.all([mkdir(join(folder, 'bin')), mkdir(join(folder, 'instance/container'), { recursive: true })]);
  await install(programs);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An instance without a runtime, on which packages can be installed. Each program that changes something is a stand-in. */
const programs = {
  sudo: 'shift; exec "$@"',
  docker: `[ -f "$at/docker.io" ] || exit 127
case $1 in info) [ ! -f "$at/configured" ] || echo ' Runtimes: nvidia runc' ;; image | container) exit 1 ;; *) echo "$*" >> "$at/calls" ;; esac`,
  podman: 'exit 127',
  'apt-get': `[ ! -f "$at/broken" ] || exit 100
for name; do touch "$at/$name"; done
if [ -f "$at/nvidia-container-toolkit" ]; then
  printf '#!/bin/sh\\ntouch "%s/configured"\\n' "$at" > "$at/bin/nvidia-ctk"; chmod +x "$at/bin/nvidia-ctk"
fi`,
  systemctl: '',
  curl: 'echo key',
  gpg: 'cat >/dev/null',
  tee: 'cat >/dev/null',
};

async function install(scripts: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, 'bin', name), `#!/bin/sh\nat=$(dirname "$(dirname "$0")")\n${script}\n`, {
      mode: 0o755,
    });
  }
}

async function prepare(
  share?: InstanceShare,
  container: InstanceContainer = { image: 'me/job:1' },
): Promise<{ code: number | null; errors: string }> {
  const script = join(folder, 'instance/container/script');
  await writeFile(script, preparation({ instanceName: 'instance', share }, container));
  const env = { REGISTRY: 'me:pass:word', HOME: folder, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
  const { status, stderr } = spawnSync('bash', ['-eo', 'pipefail', script], { env, encoding: 'utf8' });
  return { code: status, errors: stderr };
}

it('a missing container runtime is installed before the image is pulled', async () => {
  expect(await prepare()).toMatchObject({ code: 0 });
  expect(await readFile(join(folder, 'instance/runtime'), 'utf8')).toBe('docker\n');
  expect(await readFile(join(folder, 'calls'), 'utf8')).toMatch(
    /pull --quiet docker\.io\/me\/job:1\nrun .+ --gpus all .+\nexec gpu-clouds-instance nvidia-smi -L\n$/,
  );
});

it('a container on a lease has the GPUs of its run only, and the name of its folder', async () => {
  expect(await prepare({ folder: 'run-1-a', gpus: [2, 5] })).toMatchObject({ code: 0 });
  expect(await readFile(join(folder, 'calls'), 'utf8')).toMatch(
    /\nrun .*--name gpu-clouds-run-1-a .* --gpus "device=2,5" /,
  );
});

it('a runtime that cannot be installed ends the preparation with the reason', async () => {
  await writeFile(join(folder, 'broken'), '');
  expect(await prepare()).toEqual({
    code: preparationCodes.noRuntime,
    errors: expect.stringContaining('none could be installed'),
  });
});

/** Podman of a user, with NVIDIA's toolkit that nobody has configured yet. */
const podman = {
  podman: `case $1 in info) echo '  rootless: true' ;; image | container) exit 1 ;; *) echo "$*" >> "$at/calls" ;; esac
[ "$1" != login ] || cat > "$at/password"`,
  'nvidia-ctk': `case $2 in generate) touch "$at/cdi" ;; list) [ ! -f "$at/cdi" ] || echo nvidia.com/gpu=all ;; esac`,
};

it('Podman gets the GPUs as CDI devices, and credentials in a file that is gone afterwards', async () => {
  await install(podman);
  const container = { image: 'nvcr.io/me/job:1', registryAuth: 'REGISTRY' };
  expect(await prepare({ folder: 'run-1-a', gpus: [2, 5] }, container)).toMatchObject({ code: 0 });
  expect(await readFile(join(folder, 'instance/runtime'), 'utf8')).toBe('podman\n');
  const calls = (await readFile(join(folder, 'calls'), 'utf8')).trimEnd().split('\n');
  expect(calls).toEqual([
    'rm -f gpu-clouds-run-1-a',
    expect.stringMatching(/^login --authfile \S+\/auth\.json --username me --password-stdin nvcr\.io$/),
    expect.stringMatching(/^pull --authfile \S+\/auth\.json --quiet nvcr\.io\/me\/job:1$/),
    expect.stringMatching(
      /^run .* --device nvidia\.com\/gpu=2 --device nvidia\.com\/gpu=5 --userns keep-id --entrypoint sh /,
    ),
    'exec gpu-clouds-run-1-a nvidia-smi -L',
  ]);
  expect(await readFile(join(folder, 'password'), 'utf8')).toBe('pass:word');
  const [, authFile = ''] = /--authfile (\S+)/.exec(calls[1] ?? '') ?? [];
  await expect(access(dirname(authFile))).rejects.toThrow('ENOENT');
});

it('a user outside the group of Docker calls it with sudo, and files of the container belong to the user', async () => {
  await install({
    id: 'case $1 in -un) echo ubuntu ;; *) echo 1000 ;; esac',
    sudo: 'shift; AS_ROOT=1 exec "$@"',
    docker: `[ -n "$AS_ROOT" ] || exit 1\n${programs.docker}`,
  });
  await Promise.all(['docker.io', 'configured'].map((name) => writeFile(join(folder, name), '')));
  expect(await prepare()).toMatchObject({ code: 0 });
  expect(await readFile(join(folder, 'instance/runtime'), 'utf8')).toBe('sudo -n docker\n');
  expect(await readFile(join(folder, 'calls'), 'utf8')).toMatch(/\nrun .* --env USER=ubuntu .* --user 1000:1000 /);
});

it('a user without sudo cannot install a runtime, and the reason says so', async () => {
  await install({ id: 'echo 1000', sudo: 'exit 1' });
  expect(await prepare()).toEqual({
    code: preparationCodes.noRuntime,
    errors: expect.stringContaining('There is no Docker and no Podman, and sudo needs a password to install one.'),
  });
});

it("a runtime that cannot use the GPUs, without NVIDIA's toolkit, ends the preparation with the reason", async () => {
  await Promise.all(['docker.io', 'broken'].map((name) => writeFile(join(folder, name), '')));
  expect(await prepare()).toEqual({
    code: preparationCodes.noGpus,
    errors: expect.stringContaining(
      "docker cannot use the GPUs, and NVIDIA's container toolkit could not be installed.",
    ),
  });
});

it('a container that does not show the GPUs ends the preparation', async () => {
  await install({ ...podman, podman: `[ "$1" != exec ] || exit 127\n${podman.podman}` });
  expect(await prepare()).toEqual({
    code: preparationCodes.noGpus,
    errors: expect.stringContaining('The container does not show the GPUs.'),
  });
});
