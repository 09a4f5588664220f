import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InstanceShare } from '@gpu-clouds/jobs/contract';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { preparation } from './container.ts';
import { preparationCodes } from './preparation-codes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
  await Promise.all([mkdir(join(folder, 'bin')), mkdir(join(folder, 'instance/container'), { recursive: true })]);
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, 'bin', name), `#!/bin/sh\nat=$(dirname "$(dirname "$0")")\n${script}\n`, {
      mode: 0o755,
    });
  }
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

async function prepare(share?: InstanceShare): Promise<{ code: number | null; errors: string }> {
  const script = join(folder, 'instance/container/script');
  await writeFile(script, preparation({ instanceName: 'instance', share }, { image: 'me/job:1' }));
  const env = { HOME: folder, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
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
