import { type Cloud, createCloud, formatOwnerId } from '@gpu-clouds/clouds';
import { type InstanceFacts, type JobHandle, type JobPhase, reap, startJob, taskQueues } from '@gpu-clouds/jobs';
import { costOf, workflowNames } from '@gpu-clouds/jobs/contract';
import { bytesOf, until } from '@gpu-clouds/jobs/test';
import { createSimulators, type Simulators } from '@gpu-clouds/simulators';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

/** Milliseconds for which a list may lag. */
const settle = 1500;

/** Everything real but Verda: its client over HTTP, Temporal. */
let harness: Harness;
let simulators: Simulators;
let verda: Cloud;
beforeAll(async () => {
  harness = await Harness.start();
  simulators = createSimulators({ bootSeconds: 0.4, ssh: false });
  verda = createCloud('verda', { env: (await simulators.listen()).verda.env });
  await harness.work([verda], { TOKEN: 'a-secret-token' }, { consistencyWindowMs: settle, pollIntervalMs: 300 });
});
afterEach(() => simulators.faults.clear());
afterAll(async () => {
  await harness.close();
  await simulators.close();
});

const left = () => simulators.ledger().left.jobDeployments;
const jobsOf = (run: JobHandle) =>
  simulators
    .ledger()
    .jobDeployments.filter(({ name: instanceName }) => instanceName.includes(run.id))
    .map(({ jobs }) => jobs);

/** An instance name holds a run's id as it is only where it is short. */
const shortId = () => `r${Math.random().toString(36).slice(2, 12)}`;

async function start(path = '/job?duration=0.2', more = '', id = shortId()): Promise<JobHandle> {
  const container = `{ image: ghcr.io/verda-cloud/batch-jobs-example:1.0.1, port: 8000, path: "${path}" }`;
  const yaml = `name: serverless\nmode: job-deployment\nresources: { gpu: H100 }\nsecrets: [TOKEN]\ncontainer: ${container}\n${more}`;
  return startJob(harness.client, job(yaml), { id });
}

async function reaches(run: JobHandle, phase: JobPhase): Promise<void> {
  await until(async () => (await run.status()).phase === phase, phase);
}

/** The workflow that owns its first deployment. */
function ownerOf(run: JobHandle) {
  return harness.client.workflow.getHandle(formatOwnerId({ fleet: 'default', run: run.id, ordinal: 0 }));
}

async function pendingActivities(run: JobHandle): Promise<readonly string[]> {
  const { raw } = await harness.client.workflow.getHandle(run.id).describe();
  return (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name ?? '');
}

it('a job deployment gets its job once, its answer is stored, and nothing is left', async () => {
  const run = await start();
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'succeeded', exitCode: 0, outputs: ['answer.json'], failures: [] });
  expect(result.phases.map(({ phase }) => phase)).toEqual([
    'finding-offers',
    'creating',
    'booting',
    'running',
    'destroying',
  ]);
  expect(result.dollars).toBeGreaterThan(0);
  const answer = await outputOf(harness.runs, run.id);
  expect(JSON.parse(answer)).toMatchObject({ success: true, executionTime: 0.2 });
  expect((await bytesOf(harness.runs.readFile(run.id, 'outputs/answer.json'))).toString()).toBe(answer);
  expect([jobsOf(run), left()]).toEqual([[1], 0]);
});

it('a container that answers with a failure fails the run, and its answer is stored', async () => {
  const run = await start('/job?duration=0.2&failed=true');
  expect(await run.result()).toMatchObject({ outcome: 'failed', exitCode: 1 });
  expect(await outputOf(harness.runs, run.id)).toContain('Job failed as requested');
  expect(left()).toBe(0);
});

it('a lost create response leaves one job deployment', async () => {
  await simulators.faults.add({ kind: 'lost-response', vendor: 'verda', operation: 'createJobDeployment' });
  const run = await start();
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [] });
  expect([jobsOf(run), left()]).toEqual([[1], 0]);
});

it('a submission whose answer is lost is not repeated: the job deployment is destroyed, and then another one gets the job', async () => {
  await simulators.faults.add({ kind: 'lost-response', vendor: 'verda', operation: 'submitJob' });
  const run = await start();
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [{ kind: 'submission-unknown' }] });
  const [first, second] = simulators
    .ledger()
    .jobDeployments.filter(({ name: instanceName }) => instanceName.includes(run.id));
  expect([first?.jobs, second?.jobs]).toEqual([1, 1]);
  expect(Date.parse(first?.goneAt ?? '')).toBeLessThanOrEqual(Date.parse(second?.createdAt ?? ''));
  expect(left()).toBe(0);
});

it('a submission is retried while the host refuses it', async () => {
  await simulators.faults.add({ kind: 'rate-limit', vendor: 'verda', operation: 'submitJob', count: 2 });
  const run = await start();
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [] });
  expect(jobsOf(run)).toEqual([1]);
});

it('failing deletes, lost answers, and lagging lists leave no job deployment', async () => {
  await simulators.faults.add(
    { kind: 'delete-fails', vendor: 'verda', operation: 'deleteJobDeployment', count: 4 },
    { kind: 'lost-response', vendor: 'verda', operation: 'deleteJobDeployment', after: 4, count: 3 },
    { kind: 'list-lag', vendor: 'verda', operation: 'createJobDeployment', seconds: 1 },
  );
  const run = await start();
  expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
  expect(left()).toBe(0);
});

it('without capacity for one container offer, the next one is tried', async () => {
  await simulators.faults.add({ kind: 'out-of-capacity', vendor: 'verda', operation: 'createJobDeployment' });
  const container = '{ image: ghcr.io/verda-cloud/batch-jobs-example:1.0.1, port: 8000, path: "/job?duration=0.2" }';
  const run = await startJob(harness.client, job(`name: next\nmode: job-deployment\ncontainer: ${container}\n`));
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [{ kind: 'no-capacity' }] });
  expect(left()).toBe(0);
});

it.each<JobPhase>(['creating', 'booting', 'running', 'destroying'])(
  'a run that is cancelled while %s leaves no job deployment',
  async (phase) => {
    if (phase === 'creating') {
      await simulators.faults.add({ kind: 'latency', vendor: 'verda', operation: 'createJobDeployment', seconds: 1 });
    }
    if (phase === 'booting') await simulators.faults.add({ kind: 'never-boots', vendor: 'verda' });
    if (phase === 'destroying') {
      await simulators.faults.add({
        kind: 'delete-fails',
        vendor: 'verda',
        operation: 'deleteJobDeployment',
        count: 6,
      });
    }
    const run = await start(phase === 'destroying' ? '/job?duration=0.1' : '/job?duration=600');
    await reaches(run, phase);
    await run.cancel();
    const end = await run.result().catch((error: unknown) => error);
    // By the time of destroying the job is done: there is nothing to cancel any more.
    expect(end).toMatchObject(phase === 'destroying' ? { outcome: 'succeeded' } : { kind: 'cancelled' });
    expect(left()).toBe(0);
  },
);

it.each<JobPhase>(['booting', 'running'])(
  'a run that is stopped while %s ends at once and leaves no job deployment',
  async (phase) => {
    if (phase === 'booting') await simulators.faults.add({ kind: 'never-boots', vendor: 'verda' });
    const run = await start('/job?duration=600');
    await reaches(run, phase);
    await run.stop();
    await expect(run.result()).rejects.toMatchObject({ kind: 'stopped' });
    expect(await run.status()).toMatchObject({ outcome: 'stopped' });
    expect(left()).toBe(0);
  },
);

it('a terminated run leaves no job deployment, because its owner is asked to cancel', async () => {
  const run = await start('/job?duration=600');
  await reaches(run, 'running');
  await harness.client.workflow.getHandle(run.id).terminate();
  await until(() => left() === 0, 'the end of the deployment');
});

it('a run destroys the job deployment itself if the owner is terminated', async () => {
  const run = await start('/job?duration=600');
  await reaches(run, 'running');
  await ownerOf(run).terminate();
  await expect(run.result()).rejects.toMatchObject({ kind: 'stopped' });
  expect(left()).toBe(0);
});

it('a cancelled run whose owner is terminated during teardown destroys the job deployment itself', async () => {
  const deletesFail = { kind: 'delete-fails', vendor: 'verda', operation: 'deleteJobDeployment' } as const;
  await simulators.faults.add({ ...deletesFail, count: Number.MAX_SAFE_INTEGER });
  const run = await start('/job?duration=600');
  await reaches(run, 'running');
  await run.cancel();
  await reaches(run, 'destroying');
  await ownerOf(run).terminate();
  const destroyed = run.result().catch((error: unknown) => [error, left()]);
  // It is at it itself by now.
  await until(async () => (await pendingActivities(run)).includes('destroyJobDeployment'), 'the teardown by the run');
  await simulators.faults.clear();
  expect(await destroyed).toMatchObject([{ kind: 'cancelled' }, 0]);
});

it('a run whose owner is terminated during the create polls as long as the job deployment may appear, and counts it', async () => {
  const { jobs } = verda;
  if (jobs === undefined) throw new Error('Verda has job deployments');
  const create = jobs.create.bind(jobs);
  let [asked, make] = [Number.POSITIVE_INFINITY, () => {}];
  const creating = vi.spyOn(jobs, 'create').mockImplementationOnce(async (...order) => {
    asked = Date.now();
    await new Promise<void>((resolve) => {
      make = resolve;
    });
    await create(...order);
  });
  const run = await start('/job?duration=600');
  await until(() => Date.now() > asked + settle, 'a create that takes its time');
  const listing = vi.spyOn(jobs, 'list');
  await ownerOf(run).terminate();
  await until(() => listing.mock.calls.length > 0, 'a look in vain');
  make();
  await expect(run.result()).rejects.toMatchObject({ kind: 'stopped' });
  expect([jobsOf(run), left()]).toEqual([[0], 0]);
  const { instances } = await run.status();
  expect(instances).toMatchObject([{ instanceId: instances[0]?.instanceName }]);
  expect(costOf(instances, Date.now())).toBeGreaterThan(0);
  for (const spy of [creating, listing]) spy.mockRestore();
});

it('the cap ends a job that never ends by itself', async () => {
  const [offer] = (await verda.jobs?.listOffers()) ?? [];
  const instanceName = formatOwnerId({ fleet: 'default', run: 'capped', ordinal: 0 });
  const container = { image: 'me/job:1', port: 80, health: '/health', path: '/job?duration=600' };
  const deployment = { container, env: {}, secrets: [] };
  const request = { instanceName, run: 'capped', offer, deployment, ttlSeconds: 600 };
  // Two seconds of it at the price of the offer.
  const args = [{ ...request, maxDollars: ((offer?.pricePerHour ?? 0) / 3600) * 2 }];
  const options = { workflowId: instanceName, taskQueue: taskQueues.workflows, args };
  expect(await harness.client.workflow.execute(workflowNames.instance, options)).toEqual({ why: 'cap-reached' });
  expect(left()).toBe(0);
});

it("a run that finds another run's owner under its instance name leaves that job deployment alone", async () => {
  const [offer] = (await verda.jobs?.listOffers()) ?? [];
  const instanceName = formatOwnerId({ fleet: 'default', run: 'meets', ordinal: 0 });
  const container = { image: 'me/job:1', port: 80, health: '/health', path: '/job?duration=600' };
  const deployment = { container, env: {}, secrets: [] };
  const request = { instanceName, run: 'another', offer, deployment, ttlSeconds: 600 };
  const options = { workflowId: instanceName, taskQueue: taskQueues.workflows, args: [request] };
  const owner = await harness.client.workflow.start(workflowNames.instance, options);
  await until(async () => (await owner.query<InstanceFacts>('instance')).state === 'ready', 'its job');
  const run = await start('/job?duration=0.2', '', 'meets');
  expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
  expect((await run.status()).instances).toMatchObject([
    { instanceName: expect.stringMatching(`^${instanceName}-`) },
    { instanceName: expect.stringMatching(/^gpuc-default-meets-1-/) },
  ]);
  expect(await owner.query<InstanceFacts>('instance')).toMatchObject({ state: 'ready' });
  await owner.signal('release', { run: 'another' });
  expect(await owner.result()).toEqual({ why: 'released' });
  expect(left()).toBe(0);
});

it('the reaper destroys an orphaned job deployment, and none of another fleet', async () => {
  const [offer] = (await verda.jobs?.listOffers()) ?? [];
  if (offer === undefined || verda.jobs === undefined) throw new Error('no offer');
  const order = { offer, image: 'me/job:1', port: 80, health: '/health', env: {}, deadlineSeconds: 60 };
  const orphan = formatOwnerId({ fleet: 'default', run: 'orphan', ordinal: 0 });
  const foreign = formatOwnerId({ fleet: 'other', run: 'orphan', ordinal: 0 });
  await verda.jobs.create({ ...order, name: orphan });
  await verda.jobs.create({ ...order, name: foreign });
  const options = {
    clouds: [verda],
    fleet: 'default',
    findOwners: async (ids: readonly string[]) => new Map(ids.map((id) => [id, 'closed' as const])),
    graceMs: 0,
  };
  const first = await reap(options);
  expect([first.destroyed, first.waiting]).toMatchObject([[], [{ what: 'job-deployment', instanceName: orphan }]]);
  const second = await reap({ ...options, orphansSince: first.orphansSince });
  expect(second.destroyed).toMatchObject([{ what: 'job-deployment', instanceName: orphan }]);
  await until(async () => (await verda.jobs?.list())?.join() === foreign, 'the end of the orphan');
  await verda.jobs.delete(foreign);
  await until(() => left() === 0, 'the end of the other');
});

it('the histories of a run and its owner hold no secret, although the vendor gets its value', async () => {
  const run = await start('/job?duration=1');
  const instanceName = formatOwnerId({ fleet: 'default', run: run.id, ordinal: 0 });
  await run.result();
  for (const id of [run.id, instanceName]) {
    const json = historyToJSON(await harness.client.workflow.getHandle(id).fetchHistory());
    const payloads = [...json.matchAll(/"data": ?"([^"]*)"/g)].map(([, data = '']) => Buffer.from(data, 'base64'));
    const text = [json, ...payloads.map(String)].join('\n');
    expect(text).toContain('TOKEN');
    expect(text).not.toContain('a-secret-token');
  }
});
