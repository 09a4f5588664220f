import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

/** The instructions of the Containerfile, in order, with their arguments. */
async function instructions(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(new URL('../Containerfile', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}

it('the Containerfile has the instructions of an image that does not run as root, each once', async () => {
  expect([...(await instructions()).keys()]).toEqual(['FROM', 'ARG', 'RUN', 'USER', 'ENTRYPOINT', 'CMD']);
});

it('the Containerfile installs this package, on the Node version that the package supports', async () => {
  const { FROM, RUN } = Object.fromEntries(await instructions());
  expect(RUN).toBe(`npm install --global "${manifest.name}@\${VERSION}"`);
  expect(Number(/node:(\d+)/.exec(FROM ?? '')?.[1])).toBeGreaterThanOrEqual(Number(/\d+/.exec(manifest.engines.node)));
});

it('the container starts a command of this package with options that it has', async () => {
  const { ENTRYPOINT = '', CMD = '' } = Object.fromEntries(await instructions());
  const [command, ...more] = JSON.parse(ENTRYPOINT);
  expect([command, more]).toEqual(['gpu-clouds-simulators', []]);
  const bin = fileURLToPath(new URL(`../${manifest.bin['gpu-clouds-simulators']}`, import.meta.url));
  // With --help it reads its options, but does not listen.
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...JSON.parse(CMD), '--help'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('--port-base');
});
