import { createHash } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vendors } from '@gpu-clouds/clouds/pure';
import { startJob } from '@gpu-clouds/jobs';
import { bytesOf, noise, until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startFileServer } from './file-server.ts';
import { Harness, job, outputOf } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

it('an instance whose GPUs are missing is replaced by the next offer before setup', async () => {
  const [dear, cheap] = [harness.cloud('verda', 2), harness.cloud('tensordock', 1)];
  // One GPU for the first instance, none for its first check.
  const smi = join(harness.ssh.home, '../bin/nvidia-smi');
  const healthy = await readFile(smi, 'utf8');
  await writeFile(smi, `${healthy.replace('\n', '\n[ -f "$HOME/checked" ] || { touch "$HOME/checked"; exit 0; }\n')}`);
  await chmod(smi, 0o755);
  await harness.work([dear, cheap]);
  const run = await startJob(harness.client, job('name: gpus\nsetup: echo setup\ncommand: echo done\n'));
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'succeeded', offer: { vendor: 'verda' } });
  expect(result.failures).toMatchObject([{ vendor: 'tensordock', kind: 'gpu-unhealthy' }]);
  expect(await outputOf(harness.runs, run.id)).toBe('setup\ndone\n');
  expect([cheap.creates, dear.creates, cheap.left, dear.left]).toEqual([1, 1, 0, 0]);
});

it('tty: true gives the command a terminal, and not setup, and a stop reaches the command there', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const yaml = `name: terminal
tty: true
setup: test -t 1 || echo no terminal
command: |
  test -t 1 && printf 'a terminal\\n'
  trap 'echo saving; exit 5' TERM
  sleep 300 & wait
`;
  const run = await startJob(harness.client, job(yaml));
  await until(async () => (await outputOf(harness.runs, run.id)) === 'no terminal\na terminal\n');
  await run.stop();
  expect(await run.result()).toMatchObject({ outcome: 'stopped', exitCode: 5 });
  expect(await outputOf(harness.runs, run.id)).toBe('no terminal\na terminal\nsaving\n');
  expect(cloud.left).toBe(0);
});

it('a command on a terminal that ignores SIGTERM ends by SIGKILL after maxCommand and maxStop', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const yaml = `name: deaf
tty: true
command: trap '' TERM; test -t 1 && echo up; while :; do sleep 0.1; done
limits: { maxCommand: 1s, maxStop: 1s }
`;
  const run = await startJob(harness.client, job(yaml));
  await expect(run.result()).rejects.toMatchObject({ kind: 'command-timeout' });
  expect(await outputOf(harness.runs, run.id)).toBe('up\n');
  expect(cloud.left).toBe(0);
});

it('a command that vanished fails the run with what is known, after its files have come back', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const yaml = `name: gone
command: echo kept > model.bin; echo up; sleep 600
files: { down: [{ from: model.bin, to: model.bin }] }
`;
  const run = await startJob(harness.client, job(yaml));
  await until(async () => (await outputOf(harness.runs, run.id)) === 'up\n');
  const [instance] = (await run.status()).instances;
  const folder = join(harness.ssh.home, '.gpu-clouds', instance?.instanceName ?? '', 'command');
  await writeFile(join(folder, 'birth'), 'another-boot\n0\n');
  process.kill(Number.parseInt(await readFile(join(folder, 'runner'), 'utf8'), 10), 'SIGKILL');
  harness.ssh.cut();
  await expect(run.result()).rejects.toMatchObject({
    kind: 'vanished',
    message: expect.stringContaining('without an exit code: the instance was rebooted.'),
  });
  const file = harness.runs.readFile(run.id, 'outputs/model.bin');
  expect((await bytesOf(file)).toString()).toBe('kept\n');
  expect(cloud.left).toBe(0);
});

it('an instance downloads a file while its worker is replaced and the source breaks off, and the status says how far it is', async () => {
  const content = noise(1_000_000);
  const sha256 = createHash('sha256').update(content).digest('hex');
  let breakOff: (() => void) | undefined;
  const source = await startFileServer(content, {
    trouble: (_, response) => {
      if (breakOff !== undefined) return false;
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 600_000));
      breakOff = () => response.destroy();
      return true;
    },
  });
  harness.ssh.env.CURL_CA_BUNDLE = source.ca;
  await harness.work([harness.cloud('verda')]);
  const yaml = `name: downloads
files: { up: [{ from: "${source.url}/w.bin", sha256: ${sha256}, to: models/ }] }
command: sha256sum < models/w.bin
`;
  const run = await startJob(harness.client, job(yaml));
  const { phase, transfer } = await until(async () => {
    const status = await run.status();
    return (status.transfer?.bytes ?? 0) > 0 ? status : undefined;
  });
  expect(phase).toBe('downloading');
  expect(transfer).toEqual({ files: 0, totalFiles: 1, bytes: expect.any(Number), totalBytes: 1_000_000 });
  await harness.rest();
  breakOff?.();
  await until(() => source.ranges.length === 2, 'a second request');
  await harness.work([harness.cloud('verda')]);
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'succeeded', failures: [] });
  expect(result.phases.map((each) => each.phase)).toContain('downloading');
  expect(await outputOf(harness.runs, run.id)).toBe(`${sha256}  -\n`);
  expect(source.ranges).toEqual([undefined, 'bytes=600000-']);
  await source.close();
});

it('a file with another SHA-256 ends the run', async () => {
  const source = await startFileServer(Buffer.from('another content'));
  harness.ssh.env.CURL_CA_BUNDLE = source.ca;
  const [dear, cheap] = [harness.cloud('verda', 2), harness.cloud('tensordock', 1)];
  await harness.work([dear, cheap]);
  const yaml = (url: string) =>
    `name: refused\nfiles: { up: [{ from: "${url}", sha256: ${'a'.repeat(64)}, to: x }] }\ncommand: echo never\n`;
  const run = await startJob(harness.client, job(yaml(`${source.url}/x`)));
  await expect(run.result()).rejects.toMatchObject({
    kind: 'input-refused',
    message: expect.stringContaining(`${source.url}/x has the SHA-256 `),
  });
  expect([cheap.creates, dear.creates, cheap.left]).toEqual([1, 0, 0]);
  await source.close();
});

it('a run whose source does not answer tries at most three offers', async () => {
  const clouds = vendors.map((vendor) => harness.cloud(vendor));
  await harness.work(clouds);
  const up = `[{ from: "https://127.0.0.1:9/x", sha256: ${'a'.repeat(64)}, to: x }]`;
  const run = await startJob(harness.client, job(`name: nobody\nfiles: { up: ${up} }\ncommand: echo never\n`));
  await expect(run.result()).rejects.toMatchObject({
    kind: 'input-refused',
    message: expect.stringContaining('https://127.0.0.1:9/x could not be downloaded to '),
  });
  expect((await run.status()).failures.map(({ kind }) => kind)).toEqual(['input-unreachable', 'input-unreachable']);
  expect(clouds.reduce((sum, { creates }) => sum + creates, 0)).toBe(3);
});
