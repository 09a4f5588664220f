import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobHandle, startJob, stopJob } from '@gpu-clouds/jobs';
import { type FakeCloud, until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

async function started(yaml: string) {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  return startJob(harness.client, job(yaml));
}

const writes = (id: string, text: string) =>
  until(async () => (await outputOf(harness.runs, id)).includes(text), `"${text}" in the output`);

const file = (id: string, name: string) => readFile(join(harness.runs.location(id), 'outputs', name), 'utf8');

describe('stop', () => {
  it('stop asks the command to end, and collects its files', async () => {
    const run = await started(`name: stopped
command: |
  trap 'echo half > half.txt; exit 9' TERM
  echo ready
  sleep 600 & wait
files: { down: [{ from: half.txt, to: half.txt }, { from: whole.txt, to: whole.txt }] }
`);
    await writes(run.id, 'ready');
    await run.stop();
    expect(await run.result()).toMatchObject({ outcome: 'stopped', exitCode: 9, outputs: ['half.txt'] });
    expect(await file(run.id, 'half.txt')).toBe('half\n');
    expect(await run.status()).toMatchObject({
      phase: 'finished',
      outcome: 'stopped',
      stopRequestedAt: expect.any(String),
    });
    expect(cloud.left).toBe(0);
  });

  it('stop kills a command that ignores SIGTERM after maxStop', async () => {
    const run = await started(
      'name: deaf\ncommand: trap "" TERM; echo ready; while true; do sleep 0.2; done\nlimits: { maxStop: 1s }\n',
    );
    await writes(run.id, 'ready');
    await stopJob(harness.client, run.id);
    expect(await run.result()).toMatchObject({ outcome: 'stopped', exitCode: 137 });
    expect(cloud.left).toBe(0);
  });

  it('stop before the command has started ends the run at once', async () => {
    const run = await started('name: early\nsetup: echo setting up; sleep 600\ncommand: echo never\n');
    await writes(run.id, 'setting up');
    await run.stop();
    await expect(run.result()).rejects.toMatchObject({
      kind: 'stopped',
      message: 'The run was stopped while its command was not running.',
    });
    expect(await outputOf(harness.runs, run.id)).toBe('setting up\n');
    expect(await run.status()).toMatchObject({ outcome: 'stopped' });
    expect(cloud.left).toBe(0);
  });

  it('stop while an instance boots destroys it', async () => {
    cloud = harness.cloud('verda');
    cloud.faults.neverBoots = true;
    await harness.work([cloud]);
    const run = await startJob(harness.client, job('name: boots\ncommand: echo never\n'));
    await until(async () => (await run.status()).phase === 'booting');
    await run.stop();
    await expect(run.result()).rejects.toMatchObject({ kind: 'stopped' });
    expect([cloud.creates, cloud.left]).toEqual([1, 0]);
  });

  it('a cancel after a stop cancels the run', async () => {
    const run = await started('name: both\ncommand: trap "" TERM; echo ready; while true; do sleep 0.2; done\n');
    await writes(run.id, 'ready');
    await run.stop();
    await until(async () => (await run.status()).stopRequestedAt);
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
    expect(cloud.left).toBe(0);
  });

  it('stop of an unknown run says that there is none', async () => {
    await expect(jobHandle(harness.client, 'nobody').stop()).rejects.toThrow('There is no run "nobody"');
  });
});

it('files are collected after a failed command too', async () => {
  const run = await started(
    'name: failed\ncommand: echo log > log.txt; exit 3\nfiles: { down: [{ from: log.txt, to: log.txt }] }\n',
  );
  expect(await run.result()).toMatchObject({ outcome: 'failed', exitCode: 3, outputs: ['log.txt'] });
  expect(await file(run.id, 'log.txt')).toBe('log\n');
});

describe('setup', () => {
  it('the setup has its own exit code', async () => {
    const good = await started('name: good\nsetup: "true"\ncommand: exit 4\n');
    expect(await good.result()).toMatchObject({ setupExitCode: 0, exitCode: 4 });
    const bad = await startJob(harness.client, job('name: bad\nsetup: exit 5\ncommand: "true"\n'));
    await expect(bad.result()).rejects.toMatchObject({ kind: 'setup-failed' });
    expect(await bad.status()).toMatchObject({ setupExitCode: 5 });
  });

  it('a setup that takes longer than maxSetup is killed, and the job fails', async () => {
    const run = await started('name: slow\nsetup: sleep 600\ncommand: echo never\nlimits: { maxSetup: 1s }\n');
    await expect(run.result()).rejects.toMatchObject({
      kind: 'setup-failed',
      message: 'The setup took longer than limits.maxSetup, 1s.',
    });
    expect(await outputOf(harness.runs, run.id)).toBe('');
    expect(cloud.left).toBe(0);
  });
});
