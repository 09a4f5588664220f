import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import { type JobPhase, jobHandle, startJob, taskQueues } from '@gpu-clouds/jobs';
import { workflowNames } from '@gpu-clouds/jobs/contract';
import { type FakeCloud, until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';

/** PENDING_ACTIVITY_STATE_CANCEL_REQUESTED of Temporal's API. */
const cancelRequested = 3;
const endless = 'name: endless\ncommand: echo started; sleep 600\n';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

async function started(yaml = endless) {
  return startJob(harness.client, job(yaml), { runs: harness.runs });
}

function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function reaches(id: string, phase: JobPhase): Promise<void> {
  await until(async () => (await jobHandle(harness.client, id).status()).phase === phase, phase);
}

describe('cancel', () => {
  it('cancel during a create waits for the instance and destroys it', async () => {
    cloud = harness.cloud('verda');
    const entered = signal();
    const leave = signal();
    cloud.faults.onCreate = () => {
      entered.resolve();
      return leave.promise;
    };
    await harness.work([cloud]);
    const run = await started();
    await entered.promise;
    await run.cancel();
    await reaches(run.id, 'destroying');
    leave.resolve();
    await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
    expect([cloud.creates, cloud.left]).toEqual([1, 0]);
  });

  it('cancel during boot destroys the instance', async () => {
    cloud = harness.cloud('verda');
    cloud.faults.neverBoots = true;
    await harness.work([cloud]);
    const run = await started();
    await reaches(run.id, 'booting');
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
    expect(cloud.left).toBe(0);
  });

  it('cancel during the command kills it and destroys the instance, also when sent twice', async () => {
    cloud = harness.cloud('verda');
    cloud.faults.deleteConflicts = Number.POSITIVE_INFINITY;
    await harness.work([cloud]);
    const run = await started();
    await until(async () => (await outputOf(harness.runs, run.id)).includes('started'));
    await run.cancel();
    await reaches(run.id, 'destroying');
    await run.cancel();
    cloud.faults.deleteConflicts = 0;
    await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await run.status()).toMatchObject({ phase: 'finished', outcome: 'cancelled' });
    expect(cloud.left).toBe(0);
  });

  it('cancel destroys the instance also if its owner is terminated during teardown', async () => {
    cloud = harness.cloud('verda');
    cloud.faults.deleteConflicts = Number.POSITIVE_INFINITY;
    await harness.work([cloud]);
    const run = await started();
    await until(async () => (await outputOf(harness.runs, run.id)).includes('started'));
    const instanceName = (await run.status()).current?.instanceName ?? '';
    await run.cancel();
    await reaches(run.id, 'destroying');
    await harness.client.workflow.getHandle(ownerIdOf(instanceName)).terminate();
    const ended = run.result().catch((error: unknown) => [error, cloud.left]);
    const { workflow } = harness.client;
    const isAtIt = async () => ((await workflow.getHandle(run.id).describe()).raw.pendingActivities ?? []).length > 0;
    await until(isAtIt, 'the teardown by the run itself');
    cloud.faults.deleteConflicts = 0;
    expect(await ended).toMatchObject([{ kind: 'cancelled' }, 0]);
  });

  it('cancel does not wait for a lagging list that has shown the instance before', async () => {
    cloud = harness.cloud('verda');
    // Longer than a test may take.
    await harness.work([cloud], {}, { consistencyWindowMs: 600_000 });
    const run = await started();
    await until(async () => (await outputOf(harness.runs, run.id)).includes('started'));
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
    expect(cloud.left).toBe(0);
  });
});

it('terminating the job still destroys its instance', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await started();
  await until(async () => (await outputOf(harness.runs, run.id)).includes('started'));
  await harness.client.workflow.getHandle(run.id).terminate();
  await until(() => cloud.left === 0, 'the end of the instance');
  await expect(run.result()).rejects.toMatchObject({ kind: 'terminated' });
  expect(await run.status()).toMatchObject({ phase: 'finished', outcome: 'failed' });
});

it('a run that exceeds its Temporal timeout still destroys its instance, and the error says so', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  // As long as this computer needs to rent one.
  for (let seconds = 3; cloud.creates === 0 && seconds < 100; seconds *= 2) {
    const id = `late-${seconds}`;
    const run = await harness.client.workflow.start(workflowNames.job, {
      workflowId: id,
      taskQueue: taskQueues.workflows,
      workflowRunTimeout: `${seconds}s`,
      args: [{ id, fleet: 'default', job: job(endless), searchable: false }],
    });
    await expect(jobHandle(harness.client, run.workflowId).result()).rejects.toMatchObject({
      kind: 'timed-out',
      message: expect.stringContaining(`${id} exceeded`),
    });
  }
  await until(() => cloud.left === 0, 'the end of the instance');
  expect(cloud.creates).toBeGreaterThan(0);
});

it('an instance is destroyed although its owner is terminated', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await started();
  await until(async () => (await outputOf(harness.runs, run.id)).includes('started'));
  const instanceName = (await run.status()).current?.instanceName;
  await harness.client.workflow.getHandle(ownerIdOf(instanceName ?? '')).terminate();
  await expect(run.result()).rejects.toMatchObject({ kind: 'stopped' });
  expect(cloud.left).toBe(0);
});

it('an instance is destroyed although its owner is terminated during a long create', async () => {
  cloud = harness.cloud('verda');
  const [entered, leave] = [signal(), signal()];
  cloud.faults.onCreate = () => {
    entered.resolve();
    return leave.promise;
  };
  const settle = 2000;
  await harness.work([cloud], {}, { consistencyWindowMs: settle });
  const run = await started();
  await entered.promise;
  const asked = Date.now();
  await until(() => Date.now() > asked + settle, 'a create that takes its time');
  let looks = 0;
  const list = cloud.listInstances.bind(cloud);
  cloud.listInstances = async () => {
    const listed = await list();
    looks += 1;
    return listed;
  };
  await harness.client.workflow.getHandle(ownerIdOf((await run.status()).current?.instanceName ?? '')).terminate();
  // The first finds the key, the second nothing.
  await until(() => looks >= 2, 'a look in vain');
  leave.resolve();
  await expect(run.result()).rejects.toMatchObject({ kind: 'stopped' });
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});

it('the cap ends the instance in every phase, also while it boots', async () => {
  cloud = harness.cloud('verda');
  cloud.faults.neverBoots = true;
  await harness.work([cloud]);
  const instanceName = 'gpuc-default-capped-0';
  const [offer] = await cloud.listOffers();
  const end = await harness.client.workflow.execute('instance', {
    workflowId: instanceName,
    taskQueue: taskQueues.workflows,
    args: [{ instanceName, run: instanceName, offer, ttlSeconds: 1 }],
  });
  expect(end).toEqual({ why: 'cap-reached' });
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});

it('an owner without a time to live fails before it rents anything', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const instanceName = 'gpuc-default-endless-0';
  const [offer] = await cloud.listOffers();
  const owner = harness.client.workflow.execute('instance', {
    workflowId: instanceName,
    taskQueue: taskQueues.workflows,
    args: [{ instanceName, run: instanceName, offer }],
  });
  await expect(owner).rejects.toMatchObject({ cause: { type: 'invalid' } });
  expect(cloud.creates).toBe(0);
});

it("the cap in dollars uses the vendor's price if it is above the offer's", async () => {
  cloud = harness.cloud('verda');
  cloud.faults.price = 36_000;
  await harness.work([cloud]);
  const instanceName = 'gpuc-default-dear-0';
  const [offer] = await cloud.listOffers();
  const end = await harness.client.workflow.execute('instance', {
    workflowId: instanceName,
    taskQueue: taskQueues.workflows,
    // At the offer's price enough for ten hours, at the cloud's for one second.
    args: [{ instanceName, run: instanceName, offer, ttlSeconds: 3600, maxDollars: 10 }],
  });
  expect(end).toEqual({ why: 'cap-reached' });
  expect(cloud.left).toBe(0);
});

it('an instance gets what is left of both caps of its job', async () => {
  cloud = harness.cloud('verda', 10);
  await harness.work([cloud]);
  const command = 'name: capped\ncommand: "true"\n';
  expect(await limitsOf(`${command}limits: { maxCost: 5, maxDuration: 2h }\n`)).toEqual({
    ttlSeconds: 7200,
    maxDollars: 5,
  });
  expect(await limitsOf(`${command}limits: { maxDuration: 10m }\n`)).toEqual({ ttlSeconds: 600 });
});

async function limitsOf(yaml: string): Promise<unknown> {
  const run = await started(yaml);
  await run.result();
  const instanceName = (await run.status()).instances[0]?.instanceName ?? '';
  const { events } = await harness.client.workflow.getHandle(ownerIdOf(instanceName)).fetchHistory();
  const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
  const { ttlSeconds, maxDollars } = JSON.parse(Buffer.from(input ?? []).toString());
  return { ttlSeconds, maxDollars };
}

it('an instance that is unreachable for too long is given up', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud], {}, { unreachableTimeoutMs: 1000 });
  const run = await started();
  await until(async () => (await outputOf(harness.runs, run.id)).includes('started'));
  harness.ssh.allowed.clear();
  harness.ssh.cut();
  await expect(run.result()).rejects.toMatchObject({ kind: 'no-offer' });
  expect(await run.status()).toMatchObject({ failures: [{ kind: 'unreachable' }] });
  expect(cloud.left).toBe(0);
});

it('a job whose caps leave no time rents nothing', async () => {
  cloud = harness.cloud('verda', 100);
  await harness.work([cloud]);
  const run = await started(`${endless}limits: { maxCost: 0.01 }\n`);
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  expect(cloud.creates).toBe(0);
});

it('an instance that never becomes ready is released, and the next offer is tried', async () => {
  const [dear, cheap] = [harness.cloud('verda', 2), harness.cloud('tensordock', 1)];
  cheap.faults.neverBoots = true;
  await harness.work([dear, cheap], {}, { bootTimeoutMs: 500 });
  const result = await (await started('name: plain\ncommand: echo done\n')).result();
  expect(result).toMatchObject({
    offer: { vendor: 'verda' },
    failures: [{ vendor: 'tensordock', kind: 'never-ready' }],
  });
  expect([cheap.left, dear.left]).toEqual([0, 0]);
});

it('a worker that shuts down leaves the command running for the next worker', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await started(
    'name: deploy\ncommand: echo started >> starts.log; echo begin; sleep 4; echo end; cat starts.log\n',
  );
  await until(async () => (await outputOf(harness.runs, run.id)).includes('begin'));
  await harness.rest();
  await harness.work([cloud]);
  expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
  expect(await outputOf(harness.runs, run.id)).toBe('begin\nend\nstarted\n');
});

it('no history holds a secret, and its value is masked in the output', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud], { API_TOKEN: 'tell-nobody-4711' });
  const run = await started(
    'name: secret\nsecrets: [API_TOKEN]\nsetup: test -n "$API_TOKEN"\ncommand: echo "token $API_TOKEN."; false\n',
  );
  expect(await run.result()).toMatchObject({ exitCode: 1 });
  expect(await outputOf(harness.runs, run.id)).toBe('token ****************.\n');
  const instanceName = (await run.status()).instances[0]?.instanceName ?? '';
  for (const id of [run.id, ownerIdOf(instanceName)]) {
    const history = JSON.stringify(await harness.client.workflow.getHandle(id).fetchHistory());
    const texts =
      history + Buffer.from([...history.matchAll(/"data":"([^"]*)"/g)].map(([, data]) => data).join('')).toString();
    for (const secret of ['tell-nobody-4711', 'a master secret', 'OPENSSH PRIVATE KEY']) {
      expect(texts).not.toContain(secret);
      expect(texts).not.toContain(Buffer.from(secret).toString('base64').slice(0, -4));
    }
  }
});

it('each activity on an instance gets the names of the secrets to mask', async () => {
  cloud = harness.cloud('verda');
  await harness.work([cloud], { API_TOKEN: 'tell-nobody-4711' });
  await writeFile(join(harness.folder, 'in.txt'), 'input');
  const run = await started(`name: masked
secrets: [API_TOKEN]
files: { up: [{ from: ${harness.folder}/in.txt, to: in.txt }], down: [{ from: in.txt, to: out.txt }] }
checkpoint: { folder: state, every: 1h }
command: echo begin; sleep 600
`);
  await until(async () => (await outputOf(harness.runs, run.id)).includes('begin'));
  await run.stop();
  expect(await run.result()).toMatchObject({ outcome: 'stopped' });
  const { events } = await harness.client.workflow.getHandle(run.id).fetchHistory();
  const onInstance = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
    const input = scheduled?.input?.payloads?.[0]?.data;
    const { instance, secrets } = Object(JSON.parse(Buffer.from(input ?? Buffer.from('0')).toString()));
    return instance === undefined ? [] : [[scheduled?.activityType?.name, secrets]];
  });
  expect(Object.fromEntries(onInstance)).toEqual({
    uploadFiles: ['API_TOKEN'],
    runStep: ['API_TOKEN'],
    keepCheckpoints: ['API_TOKEN'],
    sendSignal: ['API_TOKEN'],
    collectFiles: ['API_TOKEN'],
  });
});

it('a job that is cancelled just before its create creates no instance', async () => {
  cloud = harness.cloud('verda');
  const list = cloud.listInstances.bind(cloud);
  const entered = signal();
  const leave = signal();
  // The look for an instance of the same instance name comes before the create.
  cloud.listInstances = async () => {
    entered.resolve();
    await leave.promise;
    return list();
  };
  await harness.work([cloud]);
  const instanceName = 'gpuc-default-early-0';
  const [offer] = await cloud.listOffers();
  const owner = await harness.client.workflow.start('instance', {
    workflowId: instanceName,
    taskQueue: taskQueues.workflows,
    args: [{ instanceName, run: instanceName, offer, ttlSeconds: 600 }],
  });
  await entered.promise;
  await owner.cancel();
  // Long enough for the cancellation to reach the activity with its next heartbeat; otherwise an instance is made, and destroyed.
  await until(async () =>
    (await owner.describe()).raw.pendingActivities?.some(({ state }) => state === cancelRequested),
  );
  leave.resolve();
  await expect(owner.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(cloud.left).toBe(0);
});
