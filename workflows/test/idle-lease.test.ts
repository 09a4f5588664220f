import { readFile, rm, stat, writeFile } from 'node:fs/promises';
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
  for (const name of ['wall', 'hold-after-wall', 'hold', 'logins']) await rm(file(name), { force: true });
  await gpus(noLoad);
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

const offer = offerOf('verda', 'verda-0');
const [noLoad, busy] = ['0, 512, 81920, 40\n', '93, 512, 81920, 40\n'];

/** A file of the instance. */
function file(name: string): string {
  return join(harness.ssh.home, name);
}

function gpus(load: string): Promise<void> {
  return writeFile(file('gpu-load'), load);
}

/** Resolves between the warning and the next poll, which waits until the file `hold` is removed. */
async function theWarning(): Promise<void> {
  await until(() => stat(file('hold')).catch(() => undefined), 'the warning');
}

it('a lease that nobody uses warns on its terminals and in its status, and is then released', async () => {
  await writeFile(file('hold-after-wall'), '');
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', idle: '3s', name: 'unused' });
  await theWarning();
  const { idle } = await lease.facts();
  expect(Date.parse(idle?.releasedAt ?? '') - Date.parse(idle?.since ?? '')).toBeGreaterThanOrEqual(2900);
  expect(await leaseSummary(harness.client, lease.id)).toMatchObject({ idleSeconds: 3, idle, state: 'ready' });
  await rm(file('hold'));
  expect(await lease.ended()).toEqual({ why: 'idle' });
  expect(await readFile(file('wall'), 'utf8')).toMatch(
    /^gpu-clouds: Nobody has used this instance since .+ unless you log in or run "gpu-clouds extend unused 1h"\.\n$/,
  );
  expect([cloud.left, (await leaseSummary(harness.client, lease.id))?.state]).toEqual([0, 'idle']);
});

it('a login after the warning keeps the lease, and so do an extension and a run', async () => {
  await writeFile(file('hold-after-wall'), '');
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', idle: '3s', name: 'kept' });
  /** Does something between the warning and the next poll, which waits until the lease has noticed. */
  const afterWarning = async <T>(act: () => Promise<T>): Promise<T> => {
    await theWarning();
    expect((await lease.facts()).idle).toBeDefined();
    const done = await act();
    await until(async () => ((await lease.facts()).idle === undefined ? 'kept' : undefined), 'the use');
    await rm(file('hold'), { force: true });
    return done;
  };
  await afterWarning(async () => {
    await writeFile(file('logins'), '900 1 sshd: root@pts/0\n');
    await rm(file('hold'));
  });
  await rm(file('logins'));
  await afterWarning(() => lease.extend('1h'));
  const used = job('name: used\ncommand: "true"\n');
  const run = await afterWarning(() => startJob(harness.client, used, { on: lease }));
  expect((await run.result()).outcome).toBe('succeeded');
  await lease.release();
  expect(await lease.ended()).toEqual({ why: 'released' });
});

it('a lease whose GPU is busy, or whose instance does not say what its GPUs do, is not idle', async () => {
  const lease = await leaseInstance(harness.client, { offer, ttl: '1h', idle: '2s', name: 'busy' });
  await gpus(busy);
  await lease.ready();
  await longerThanIdle();
  await rm(file('gpu-load'));
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
  const lines = await readFile(file('polls'), 'utf8').catch(() => '');
  return lines.split('\n').length;
}
