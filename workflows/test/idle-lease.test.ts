import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leaseInstance, leaseSummary, startJob } from '@gpu-clouds/jobs';
import { type FakeCloud, offerOf, until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Harness, job } from './harness.ts';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
});
beforeEach(async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  for (const file of ['wall', 'logins']) await rm(join(harness.ssh.home, file), { force: true });
  await gpus(idle);
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

const offer = offerOf('verda', 'verda-0');
const [idle, busy] = ['0, 512, 81920, 40\n', '93, 512, 81920, 40\n'];

function gpus(load: string): Promise<void> {
  return writeFile(join(harness.ssh.home, 'gpu-load'), load);
}

it('a lease that nobody uses warns on its terminals and in its status, and is then released', async () => {
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', idle: '3s', name: 'unused' });
  const warned = await until(async () => (await lease.facts()).idle, 'the warning');
  expect(Date.parse(warned.releasedAt) - Date.parse(warned.since)).toBeGreaterThanOrEqual(2900);
  expect(await leaseSummary(harness.client, lease.id)).toMatchObject({ idleSeconds: 3, idle: warned, state: 'ready' });
  expect(await lease.ended()).toEqual({ why: 'idle' });
  expect(await readFile(join(harness.ssh.home, 'wall'), 'utf8')).toMatch(
    /^gpu-clouds: Nobody has used this instance since .+ unless you log in or run "gpu-clouds extend unused 1h"\.\n$/,
  );
  expect([cloud.left, (await leaseSummary(harness.client, lease.id))?.state]).toEqual([0, 'idle']);
});

it('a login after the warning keeps the lease, and so do an extension and a run', async () => {
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', idle: '6s', name: 'kept' });
  const warned = () => until(async () => (await lease.facts()).idle, 'a warning');
  const kept = () => until(async () => ((await lease.facts()).idle === undefined ? 'kept' : undefined), 'the use');
  await warned();
  await writeFile(join(harness.ssh.home, 'logins'), '900 1 sshd: root@pts/0\n');
  await kept();
  await rm(join(harness.ssh.home, 'logins'));
  await warned();
  await lease.extend('1h');
  await kept();
  await warned();
  const run = await startJob(harness.client, job('name: used\ncommand: "true"\n'), { on: lease });
  await kept();
  expect((await run.result()).outcome).toBe('succeeded');
  await lease.release();
  expect(await lease.ended()).toEqual({ why: 'released' });
});

it('a lease whose GPU is busy, or whose instance does not say what its GPUs do, is not idle', async () => {
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', idle: '2s', name: 'busy' });
  await gpus(busy);
  await lease.ready();
  await longerThanIdle();
  await rm(join(harness.ssh.home, 'gpu-load'));
  await longerThanIdle();
  expect((await lease.facts()).idle).toBeUndefined();
  // One activity watches, however long that takes.
  const { events } = await harness.client.workflow.getHandle(lease.id).fetchHistory();
  const scheduled = events?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
  expect(scheduled?.filter((name) => name === 'watchIdleness')).toHaveLength(1);
  await lease.release();
  await lease.ended();
});

/** Waits for so many polls that a lease without use would have ended. */
async function longerThanIdle(): Promise<void> {
  const before = await polls();
  await until(
    async () => ((await polls()) >= before + 25 ? 'polled' : undefined),
    'polls over more than the idle time',
  );
}

async function polls(): Promise<number> {
  const lines = await readFile(join(harness.ssh.home, 'polls'), 'utf8').catch(() => '');
  return lines.split('\n').length;
}
