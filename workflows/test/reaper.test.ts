import { ensureReaper, reaperHandle, startJob, taskQueues } from '@gpu-clouds/jobs';
import { type FakeCloud, until } from '@gpu-clouds/jobs/test';
import { Context } from '@temporalio/activity';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job } from './harness.ts';
import { resetToTheBeginning } from './reset-run.ts';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(async () => {
  await reaperHandle(harness.client, 'default').remove();
  await harness.rest();
});
afterAll(() => harness.close());

const orphan = 'gpuc-default-orphan-0';
const often = { every: '1s', graceMs: 0 };

/** Made as if by nobody. */
async function makeBehindTheBack(instanceName: string): Promise<void> {
  const [offer] = await cloud.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  await cloud.createInstance({ offer, name: instanceName, publicKey: '' });
}

/** The same, with an owner that has ended without destroying it. */
async function orphanBehindTheBack(instanceName: string): Promise<void> {
  await makeBehindTheBack(instanceName);
  const options = {
    workflowId: instanceName,
    taskQueue: 'without-workers',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  } as const;
  await (await harness.client.workflow.start('instance', options)).terminate();
}

const instanceNames = () => [...cloud.instances.values()].map(({ name }) => name);

it('the schedule destroys orphans at the second poll that finds them, and nothing else', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(harness.client, job('name: live\ncommand: sleep 600\n'));
  await until(async () => (await run.status()).phase === 'running');
  const live = (await run.status()).current?.instanceName ?? '';
  await orphanBehindTheBack(orphan);
  await makeBehindTheBack('gpuc-other-orphan-0');
  await makeBehindTheBack('my-own-machine');
  const reaper = await ensureReaper(harness.client, often);
  const destroying = await until(async () => {
    const last = await reaper.lastRun();
    return last?.report.destroyed.length === 1 ? last : undefined;
  }, 'a report that tells of the orphan');
  expect(destroying.report).toMatchObject({
    destroyed: [{ vendor: 'verda', what: 'instance', instanceName: orphan, why: 'unowned', pricePerHour: 1 }],
    wanted: [live],
    alarms: [],
    failures: [],
  });
  expect(instanceNames().toSorted()).toEqual([live, 'gpuc-other-orphan-0', 'my-own-machine'].toSorted());
  await run.cancel();
  await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
});

it('the schedule can be paused, resumed, and run at once', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  await expect(reaperHandle(harness.client, 'default').status()).rejects.toThrow('The fleet "default" has no reaper');
  const reaper = await ensureReaper(harness.client, { every: '1h', graceMs: 0, dryRun: true });
  await until(() => reaper.lastRun(), 'the look at the start');
  await reaper.pause();
  expect(await reaper.status()).toMatchObject({ paused: true, everySeconds: 3600, graceMs: 0, dryRun: true });
  await orphanBehindTheBack(orphan);
  const { report } = await reaper.run();
  expect(report.waiting).toMatchObject([{ instanceName: orphan }]);
  await reaper.resume();
  const status = await reaper.status();
  expect(status).toMatchObject({ paused: false, lastRun: { report } });
  expect(status.nextRun?.getTime()).toBeGreaterThan(Date.now());
  cloud.instances.clear();
});

it('the reaper destroys an instance past its cap although its owner is running', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  await makeBehindTheBack(orphan);
  const owner = await harness.client.workflow.start('instance', {
    workflowId: orphan,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    taskQueue: 'whose-workers-are-dead',
    memo: { mustEndBy: new Date(Date.now() - 1).toISOString() },
  });
  const reaper = await ensureReaper(harness.client, often);
  await until(() => cloud.left === 0, 'the end of the instance');
  const over = await until(async () => (await reaper.lastRun())?.report.destroyed[0]);
  expect(over).toMatchObject({ instanceName: orphan, why: 'over-cap' });
  await owner.terminate();
});

it("the memo of an owner says when its caps end the instance, at the vendor's price", async () => {
  cloud = harness.cloud('verda');
  cloud.faults.price = 10;
  await harness.work([cloud]);
  const [offer] = await cloud.listOffers();
  const owner = await harness.client.workflow.start('instance', {
    workflowId: orphan,
    taskQueue: taskQueues.workflows,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    args: [{ instanceName: orphan, run: 'orphan', offer, ttlSeconds: 7200, maxDollars: 5 }],
  });
  // $5 at $10 an hour.
  const secondsLeft = async () => {
    const { memo, startTime } = await owner.describe();
    return (Date.parse(String(memo?.mustEndBy)) - startTime.getTime()) / 1000;
  };
  await until(async () => (await secondsLeft()) < 3600, 'the price of the cloud');
  expect((await secondsLeft()) / 60).toBeCloseTo(30, 0);
  await owner.signal('release', { run: 'orphan' });
  await owner.result();
});

it('an existing schedule gets new options and stays paused', async () => {
  cloud = harness.cloud('verda');
  await ensureReaper(harness.client, { every: '1h' });
  const schedule = harness.client.schedule.getHandle('gpu-clouds-reaper-default');
  await schedule.pause('an operator said so');
  await ensureReaper(harness.client, { every: '2m', graceMs: 60_000, dryRun: true });
  const { spec, state, policies, action } = await schedule.describe();
  expect(spec.intervals).toMatchObject([{ every: 120_000 }]);
  expect(state).toMatchObject({ paused: true, note: 'an operator said so' });
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 60_000 });
  expect(action.args).toEqual([{ fleet: 'default', graceMs: 60_000, dryRun: true }]);
});

it.each([
  [{ every: 'often' }, '"often" is no duration'],
  [{ fleet: 'Prod' }, '1 to 12 lower-case letters and digits'],
])('ensureReaper refuses %j with a helpful message', async (options, sentence) => {
  await expect(ensureReaper(harness.client, options)).rejects.toThrow(sentence);
});

it('the reaper destroys an instance that its run forgot by a reset, although its owner is running', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(harness.client, job('name: reset\ncommand: sleep 600\n'));
  await until(async () => (await run.status()).phase === 'running');
  // A run that comes to renting again releases what it has forgotten; this one does not.
  cloud.listOffers = () => Context.current().cancelled;
  await resetToTheBeginning(harness.client, run.id);
  await ensureReaper(harness.client, often);
  await until(() => cloud.left === 0, 'the end of the instance');
  await run.cancel();
});
