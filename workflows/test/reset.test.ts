import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import { type JobHandle, startJob } from '@gpu-clouds/jobs';
import { type InstanceFacts, instanceNames } from '@gpu-clouds/jobs/contract';
import { until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';
import { resetToTheBeginning } from './reset-run.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

const startsOf = async (run: JobHandle) => (await outputOf(harness.runs, run.id)).split('started').length - 1;
const endsAtSecond = (name: string) =>
  `command: echo started >> ${name}; echo started; [ "$(wc -l < ${name})" -ge 2 ] || sleep 600\n`;

it.each([
  ['and hears of its earlier instance by signals', {}],
  ['and has to find its earlier instance by its name', { withoutSignals: true }],
])('a run that is reset, %s, starts again once it is gone, and counts its cost', async (_, options) => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const name = 'withoutSignals' in options ? 'found' : 'heard';
  const run = await startJob(harness.client, job(`name: ${name}\n${endsAtSecond(name)}`));
  await until(async () => (await startsOf(run)) === 1, 'the first start');
  await resetToTheBeginning(harness.client, run.id, options);
  expect(await harness.client.workflow.result(run.id)).toMatchObject({ outcome: 'succeeded' });
  expect(cloud.left).toBe(0);
  const { instances, costSoFar, phases = [] } = await run.status();
  expect(phases.reduce((sum, { dollars }) => sum + dollars, 0)).toBeCloseTo(costSoFar, 9);
  const [first, second] = instances.map(({ since, until = '' }) => ({
    from: Date.parse(since),
    to: Date.parse(until),
  }));
  if (first === undefined || second === undefined) throw new Error('The status lacks an instance.');
  expect(second.from).toBeGreaterThanOrEqual(first.to);
  expect(first.to).toBeGreaterThan(first.from);
  // A dollar an hour.
  expect(costSoFar).toBeCloseTo((first.to - first.from + second.to - second.from) / 3_600_000, 6);
});

it('a run that is reset destroys its earlier instance itself if the owner was terminated', async () => {
  const cloud = harness.cloud('verda');
  const workers = await harness.work([cloud]);
  const run = await startJob(harness.client, job(`name: left\n${endsAtSecond('left')}`));
  await until(async () => (await startsOf(run)) === 1, 'the first start');
  const [{ instanceName } = { instanceName: '' }] = (await run.status()).instances;
  workers.shutdown();
  await resetToTheBeginning(harness.client, run.id);
  await harness.client.workflow.getHandle(ownerIdOf(instanceName)).terminate();
  await harness.work([cloud]);
  expect(await harness.client.workflow.result(run.id)).toMatchObject({ outcome: 'succeeded' });
  expect(cloud.left).toBe(0);
  const [first] = (await run.status()).instances;
  expect(first).toMatchObject({ instanceName, instanceId: expect.any(String), until: expect.any(String) });
});

it('a run that is reset shows its earlier instance and rents no other one while that cannot be destroyed', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(harness.client, job(`name: held\n${endsAtSecond('held')}`));
  await until(async () => (await startsOf(run)) === 1, 'the first start');
  const [{ instanceName } = { instanceName: '' }] = (await run.status()).instances;
  cloud.faults.deleteConflicts = Number.POSITIVE_INFINITY;
  await resetToTheBeginning(harness.client, run.id);
  const owner = harness.client.workflow.getHandle(ownerIdOf(instanceName));
  await until(
    async () => (await owner.query<InstanceFacts>(instanceNames.facts)).state === 'destroying',
    'the teardown',
  );
  const shown = await until(async () => {
    const status = await run.status().catch(() => undefined);
    return status?.activeInstances.length ? status : undefined;
  }, 'the instance in the status');
  expect(shown.activeInstances).toMatchObject([{ instanceName, instanceId: expect.any(String) }]);
  expect(shown.costSoFar).toBeGreaterThan(0);
  expect(cloud.creates).toBe(1);
  cloud.faults.deleteConflicts = 0;
  expect(await harness.client.workflow.result(run.id)).toMatchObject({ outcome: 'succeeded' });
  expect(cloud.left).toBe(0);
});

it('a run that is reset and cancelled at once still releases its earlier instance, and says what it cost', async () => {
  const cloud = harness.cloud('verda');
  const workers = await harness.work([cloud]);
  const run = await startJob(harness.client, job(`name: never\n${endsAtSecond('never')}`));
  await until(async () => (await startsOf(run)) === 1, 'the first start');
  workers.shutdown();
  await resetToTheBeginning(harness.client, run.id);
  await run.cancel();
  await harness.work([cloud]);
  await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
  expect(cloud.left).toBe(0);
  const { instances, costSoFar } = await run.status();
  expect(instances).toHaveLength(1);
  expect(costSoFar).toBeGreaterThan(0);
});

it('a run that is reset has left of its cap what its earlier instance did not spend', async () => {
  // Ten dollars a second.
  const cloud = harness.cloud('verda', 36_000);
  await harness.work([cloud]);
  const source = `name: capped\n${endsAtSecond('capped')}limits: { maxCost: 610 }\n`;
  const run = await startJob(harness.client, job(source));
  await until(async () => (await startsOf(run)) === 1, 'the first start');
  await until(async () => (await run.status()).costSoFar > 11, 'a cost that leaves less than a minute');
  await resetToTheBeginning(harness.client, run.id);
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  expect(cloud.left).toBe(0);
});

it('a run that is reset after a failover releases its earlier instance and continues', async () => {
  const [cheap, next] = [harness.cloud('tensordock', 1), harness.cloud('verda', 2)];
  await harness.work([cheap, next]);
  cheap.faults.create = ['no-capacity', 'no-capacity'];
  const run = await startJob(harness.client, job(`name: over\n${endsAtSecond('over')}`));
  await until(async () => (await startsOf(run)) === 1, 'the first start');
  await resetToTheBeginning(harness.client, run.id);
  expect(await harness.client.workflow.result(run.id)).toMatchObject({ outcome: 'succeeded' });
  await until(() => cheap.left + next.left === 0, 'the end of every instance');
});
