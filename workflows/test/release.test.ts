import { formatOwnerId, ownerIdOf, parseInstanceName } from '@gpu-clouds/clouds/pure';
import { type JobHandle, jobHandle, leaseHandle, startJob, taskQueues } from '@gpu-clouds/jobs';
import { instanceNames } from '@gpu-clouds/jobs/contract';
import { type FakeCloud, offerOf, until } from '@gpu-clouds/jobs/test';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job } from './harness.ts';
import { overlappingSignals } from './overlapping-signals.ts';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

const short = 'name: short\ncommand: "true"\n';
const endless = 'name: endless\ncommand: sleep 600\n';
const firstLabel = (run: string) => formatOwnerId({ fleet: 'default', run, ordinal: 0 });
const labelsAtTheCloud = () => [...cloud.instances.values()].map(({ name }) => ownerIdOf(name));

/** The owner of an instance under another run's name, once the instance is ready. */
async function ownerFor(run: string, instanceName: string): Promise<WorkflowHandle> {
  const owner = await harness.client.workflow.start('instance', {
    workflowId: instanceName,
    taskQueue: taskQueues.workflows,
    args: [{ instanceName, run, offer: offerOf('verda', 'verda-0'), ttlSeconds: 600 }],
  });
  await until(() => leaseHandle(harness.client, instanceName).connection(), 'the connection');
  return owner;
}

async function running(id: string): Promise<JobHandle> {
  const run = await startJob(harness.client, job(endless), { id });
  await until(async () => (await run.status()).phase === 'running', 'the command');
  return run;
}

it("a run that finds another run's owner under its instance name uses the next name and leaves that instance alone", async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const foreign = firstLabel('mine');
  const owner = await ownerFor('somebody-else', foreign);
  const run = await startJob(harness.client, job(short), { id: 'mine' });
  expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
  expect((await run.status()).instances.map(({ instanceName }) => ownerIdOf(instanceName))).toEqual([
    foreign,
    'gpuc-default-mine-1',
  ]);
  expect(await leaseHandle(harness.client, foreign).facts()).toMatchObject({ state: 'ready' });
  expect(labelsAtTheCloud()).toEqual([foreign]);
  await owner.signal('release', { run: 'somebody-else' });
  expect(await owner.result()).toEqual({ why: 'released' });
});

it("a run whose id equals the hash of another run's id leaves that run's instances alone", async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const victim = await running('The-Victim');
  const hash = parseInstanceName(firstLabel(victim.id))?.run ?? '';
  for (const id of [hash, hash.slice(1)]) {
    const run = await startJob(harness.client, job(short), { id });
    expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
  }
  expect(labelsAtTheCloud()).toEqual([firstLabel(victim.id)]);
  expect(await victim.status()).toMatchObject({ phase: 'running', failures: [] });
  await victim.cancel();
  await until(() => cloud.left === 0, 'the end of the instance');
});

it('an instance ignores a release signal without its run, and refuses the update with a message', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const instanceName = firstLabel('kept');
  const owner = await ownerFor('kept', instanceName);
  for (const args of [[], [null], ['kept'], [{}], [{ run: 'another' }]]) await owner.signal('release', ...args);
  // As a lease it cannot be given back either.
  await expect(leaseHandle(harness.client, instanceName).release()).rejects.toThrow(
    `${instanceName} belongs to "kept" and cannot be released by "${instanceName}".`,
  );
  await expect(owner.executeUpdate('release')).rejects.toMatchObject({
    cause: { message: `${instanceName} belongs to "kept". A release must name that run: { "run": "kept" }.` },
  });
  expect(await leaseHandle(harness.client, instanceName).facts()).toMatchObject({ state: 'ready' });
  await owner.executeUpdate('release', { args: [{ run: 'kept' }] });
  expect(await owner.result()).toEqual({ why: 'released' });
});

it('a run whose order has another id is refused before anything is rented', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const victim = await running('victim');
  await harness.client.workflow.start('runJob', {
    workflowId: 'impostor',
    taskQueue: taskQueues.workflows,
    args: [{ id: victim.id, fleet: 'default', job: job(short) }],
  });
  await expect(jobHandle(harness.client, 'impostor').result()).rejects.toMatchObject({
    kind: 'invalid',
    message: 'The order is for the run "victim", but its workflow is "impostor": start it with the same id.',
  });
  expect(cloud.creates).toBe(1);
  expect(await victim.status()).toMatchObject({ phase: 'running' });
  await victim.cancel();
  await until(() => cloud.left === 0, 'the end of the instance');
});

it('an owner tells its run the changes of one moment one after the other', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await running('moment');
  const [instance] = (await run.status()).instances;
  const owner = harness.client.workflow.getHandle(ownerIdOf(instance?.instanceName ?? ''));
  await harness.rest();
  // The owner finds both as soon as it has a worker again.
  for (const suspect of [true, false]) await owner.signal(instanceNames.accountSuspect, suspect);
  const told = async () =>
    (await owner.fetchHistory()).events?.filter((event) => event.externalWorkflowExecutionSignaledEventAttributes) ??
    [];
  const before = (await told()).length;
  await harness.work([cloud]);
  await until(async () => (await told()).length >= before + 2, 'both changes');
  expect(overlappingSignals(await owner.fetchHistory())).toEqual([]);
  expect((await run.status()).instances[0]).not.toHaveProperty('accountSuspectSince');
  await run.stop();
  await expect(run.result()).resolves.toMatchObject({ outcome: 'stopped' });
});
