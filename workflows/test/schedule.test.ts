import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobHandle, listJobs, listSchedules, scheduleHandle, scheduleJob } from '@gpu-clouds/jobs';
import { type FakeCloud, until } from '@gpu-clouds/jobs/test';
import { pruneRuns } from '@gpu-clouds/jobs/worker';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

/** The last hour of the year: no test waits for it. */
const rarely = '0 23 31 12 *';

async function startedBy(name: string): Promise<string> {
  const id = await scheduleHandle(harness.client, name).run();
  if (id === undefined) throw new Error(`The schedule ${name} started no run.`);
  return id;
}

it('a schedule starts a run whose id is the name and the time, with the files that were uploaded once', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const folder = await mkdtemp(join(harness.folder, 'scheduled-'));
  await writeFile(join(folder, 'in.txt'), 'of the first day');
  const nightly = job('name: nightly\ncommand: cat in.txt\nfiles: { up: [{ from: in.txt, to: in.txt }] }\n', folder);
  await scheduleJob(harness.client, nightly, {
    cron: rarely,
    timezone: 'Europe/Berlin',
    runs: harness.runs,
    tags: { team: 'vision' },
  });
  await writeFile(join(folder, 'in.txt'), 'changed later');
  const id = await startedBy('nightly');
  expect(id).toMatch(/^nightly-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(await jobHandle(harness.client, id).result()).toMatchObject({ id, outcome: 'succeeded' });
  expect(await outputOf(harness.runs, id)).toBe('of the first day');
  const { instances } = await jobHandle(harness.client, id).status();
  expect(instances.map(({ instanceName }) => instanceName)).toEqual([
    expect.stringMatching(/^gpuc-default-0[0-9a-z]+-0-/),
  ]);
  expect(cloud.left).toBe(0);
  await until(async () => {
    for await (const run of listJobs(harness.client)) if (run.id === id) return run.schedule === 'nightly';
    return false;
  }, 'the run with its schedule in the list');
  await until(async () => {
    for await (const found of listSchedules(harness.client, { fleet: 'default' })) {
      if (found.name === 'nightly') return found.lastRun === id && found.timezone === 'Europe/Berlin';
    }
    return false;
  }, 'the schedule in the list');
  await scheduleHandle(harness.client, 'nightly').remove();
});

it('a schedule keeps its inputs in the run store until it is removed', async () => {
  const folder = await mkdtemp(join(harness.folder, 'kept-'));
  await writeFile(join(folder, 'in.txt'), 'kept');
  const source = 'name: kept\ncommand: cat in.txt\nfiles: { up: [{ from: in.txt, to: in.txt }] }\n';
  const kept = await scheduleJob(harness.client, job(source, folder), { cron: rarely, runs: harness.runs });
  const later = Date.now() + 90 * 86_400_000;
  await until(async () => {
    for await (const { name } of listSchedules(harness.client)) if (name === 'kept') return true;
    return false;
  }, 'the schedule in the list');
  const inputs = async () => {
    let count = 0;
    for await (const _ of harness.runs.inputs.list()) count += 1;
    return count;
  };
  const before = await inputs();
  const { inputs: removed } = await pruneRuns(harness.client, harness.runs, 86_400, later);
  expect(await inputs()).toBe(before - removed.length);
  expect(await inputs()).toBeGreaterThan(0);
  await kept.remove();
  await until(async () => {
    await pruneRuns(harness.client, harness.runs, 86_400, later);
    return (await inputs()) === 0;
  }, 'the end of the inputs');
});

it('a schedule with the policy "skip" starts no run until the instances of the last one are gone', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  await scheduleJob(harness.client, job('name: long\ncommand: sleep 600\n'), { cron: rarely });
  const id = await startedBy('long');
  await until(async () => (await jobHandle(harness.client, id).status()).phase === 'running', 'the command');
  expect(await scheduleHandle(harness.client, 'long').run()).toBeUndefined();
  expect(await scheduleHandle(harness.client, 'long').status()).toMatchObject({
    running: [id],
    started: 1,
    skipped: 1,
  });
  expect(cloud.creates).toBe(1);
  await jobHandle(harness.client, id).cancel();
  await until(async () => (await scheduleHandle(harness.client, 'long').status()).running.length === 0);
  expect(cloud.left).toBe(0);
});

it('the status of a schedule shows a run that the schedule itself does not know', async () => {
  const forgotten = await scheduleJob(harness.client, job('name: forgotten\ncommand: exit 0\n'), { cron: rarely });
  // From now on, the schedule exists: it cannot have started anything before.
  expect(await forgotten.status()).toMatchObject({ running: [], lastRun: undefined });
  const id = 'forgotten-2026-11-28T03:00:00Z';
  // As a server leaves it that dies after it has started the run and before it has noted that.
  const run = await harness.client.workflow.start('runJob', {
    workflowId: id,
    taskQueue: 'no worker has this queue',
    typedSearchAttributes: [
      { key: defineSearchAttributeKey('TemporalScheduledById', 'KEYWORD'), value: 'gpu-clouds-schedule-forgotten' },
    ],
  });
  await until(async () => (await forgotten.status()).lastRun === id, 'the run');
  expect(await forgotten.status()).toMatchObject({ running: [id], started: 0 });
  await run.terminate();
  await until(async () => (await forgotten.status()).running.length === 0, 'the end of the run');
  expect((await forgotten.status()).lastRun).toBe(id);
  await forgotten.remove();
  const again = await scheduleJob(harness.client, job('name: forgotten\ncommand: exit 0\n'), { cron: rarely });
  expect((await again.status()).lastRun).toBeUndefined();
});

it('two runs that are requested of a schedule within one second have different ids', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  await scheduleJob(harness.client, job('name: twice\ncommand: exit 0\n'), { cron: rarely, overlap: 'allow-all' });
  const ids = [await startedBy('twice'), await startedBy('twice'), await startedBy('twice')];
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(await jobHandle(harness.client, id).result()).toMatchObject({ outcome: 'succeeded' });
});

it('a schedule with the policy "cancel-other" starts the next run once the instances of the last one are gone', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  await scheduleJob(harness.client, job('name: latest\ncommand: sleep 600\n'), {
    cron: rarely,
    overlap: 'cancel-other',
  });
  const first = await startedBy('latest');
  await until(async () => (await jobHandle(harness.client, first).status()).phase === 'running', 'the first command');
  const second = await startedBy('latest');
  expect(await jobHandle(harness.client, first).status()).toMatchObject({ outcome: 'cancelled', activeInstances: [] });
  await jobHandle(harness.client, second).cancel();
  await expect(jobHandle(harness.client, second).result()).rejects.toMatchObject({ kind: 'cancelled' });
  expect(cloud.left).toBe(0);
});

it.each([
  ['skip', ScheduleOverlapPolicy.SKIP],
  ['buffer-one', ScheduleOverlapPolicy.BUFFER_ONE],
  ['allow-all', ScheduleOverlapPolicy.ALLOW_ALL],
  ['cancel-other', ScheduleOverlapPolicy.CANCEL_OTHER],
] as const)('Temporal gets the times of a schedule and its policy "%s"', async (overlap, policy) => {
  const times = { cron: rarely, timezone: 'Asia/Tokyo', jitter: '5m', catchUp: '2h' };
  const schedule = await scheduleJob(harness.client, job(`name: ${overlap}\ncommand: exit 0\n`), { ...times, overlap });
  expect((await schedule.status()).overlap).toBe(overlap);
  const { spec, policies } = await harness.client.schedule.getHandle(`gpu-clouds-schedule-${overlap}`).describe();
  expect({ spec, policies }).toMatchObject({
    spec: { timezone: 'Asia/Tokyo', jitter: 300_000 },
    policies: { overlap: policy, catchupWindow: 7_200_000 },
  });
  await schedule.remove();
});

it('a schedule that is paused has no next run, and starts one on request', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const paused = await scheduleJob(harness.client, job('name: paused\ncommand: exit 3\n'), { cron: rarely });
  expect(await paused.status()).toMatchObject({ paused: false, nextRun: expect.any(Date) });
  await paused.pause('holidays');
  expect(await paused.status()).toMatchObject({ paused: true, note: 'holidays', nextRun: undefined });
  const id = await startedBy('paused');
  expect(await jobHandle(harness.client, id).result()).toMatchObject({ outcome: 'failed', exitCode: 3 });
  await paused.resume();
  expect(await paused.status()).toMatchObject({ paused: false, nextRun: expect.any(Date) });
});

it('scheduleJob refuses a taken name, a cron expression with other fields, and an unknown time zone', async () => {
  const daily = job('name: daily\ncommand: exit 0\n');
  await scheduleJob(harness.client, daily, { cron: rarely });
  await expect(scheduleJob(harness.client, daily, { cron: rarely })).rejects.toMatchObject({
    name: 'JobIdError',
    message:
      'A schedule "daily" already exists. Choose another name, or remove it with "gpu-clouds schedule remove daily".',
  });
  await expect(scheduleJob(harness.client, daily, { name: 'a/b', cron: rarely })).rejects.toThrow('"a/b" cannot be');
  await expect(scheduleJob(harness.client, daily, { name: 'x', cron: 'CRON_TZ=UTC 0 3 * * *' })).rejects.toThrow(
    '"CRON_TZ=UTC 0 3 * * *" is not a cron expression.',
  );
  await expect(scheduleJob(harness.client, daily, { name: 'x', cron: '0 25 * * *' })).rejects.toMatchObject({
    name: 'JobScheduleError',
    message: expect.stringContaining('Temporal does not accept the schedule'),
  });
  await expect(
    scheduleJob(harness.client, daily, { name: 'x', cron: rarely, timezone: 'Europe/Atlantis' }),
  ).rejects.toMatchObject({ name: 'JobScheduleError' });
  await expect(scheduleHandle(harness.client, 'x').remove()).rejects.toMatchObject({ name: 'ScheduleMissingError' });
});
