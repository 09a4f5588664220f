import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startJob, taskQueues } from '@gpu-clouds/jobs';
import { type FakeCloud, until } from '@gpu-clouds/jobs/test';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { createActivities } from '../src/activities/index.ts';
import { Harness, job, masterSecret, outputOf, quick } from './harness.ts';

let harness: Harness;
let cloud: FakeCloud;
let connection: NativeConnection;
let workers: readonly Worker[];
let running: Promise<unknown>;
let child: ChildProcess | undefined;

/** This process plays the cloud, which survives; the child, which does all the rest, is killed. */
beforeAll(async () => {
  harness = await Harness.start();
  cloud = harness.cloud('verda');
  connection = await NativeConnection.connect({ address: harness.server.address });
  const clouds = new Map([[cloud.vendor, cloud]]);
  const activities = createActivities({ fleet: 'default', clouds, masterSecret, runs: harness.runs, timing: quick });
  workers = await Promise.all([
    Worker.create({ connection, taskQueue: taskQueues.workflows, activities: activities.job }),
    Worker.create({ connection, taskQueue: taskQueues.vendor('verda'), activities: activities.vendor }),
    Worker.create({ connection, taskQueue: taskQueues.watch('verda'), activities: activities.watch }),
  ]);
  running = Promise.all(workers.map((worker) => worker.run()));
});
afterEach(() => {
  child?.kill('SIGKILL');
});
afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await running;
  await connection.close();
  await harness.close();
});

function startWorker(): ChildProcess {
  const program = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
  const args = [program, harness.server.address, join(harness.folder, 'runs'), inject('workflowBundle')];
  child = spawn(process.execPath, args, { stdio: 'ignore' });
  return child;
}

it('after a worker is killed while a command runs, the job succeeds, the command ran once, and its output is complete', async () => {
  const first = startWorker();
  const run = await startJob(
    harness.client,
    job(`name: survivor
command: |
  echo start >> starts.log
  i=1
  while [ $i -le 40 ]; do echo "line $i"; i=$((i + 1)); sleep 0.1; done
files: { down: [{ from: starts.log, to: starts.log }] }
`),
  );
  await until(async () => (await outputOf(harness.runs, run.id)).includes('line 5\n'));
  first.kill('SIGKILL');
  startWorker();
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [] });
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index + 1}\n`);
  expect(await outputOf(harness.runs, run.id)).toBe(lines.join(''));
  expect(await readFile(join(harness.runs.location(run.id), 'outputs', 'starts.log'), 'utf8')).toBe('start\n');
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});

it('after a worker is killed between two attempts, the next attempt starts once, and each attempt has all its output', async () => {
  const before = cloud.creates;
  const first = startWorker();
  const run = await startJob(
    harness.client,
    job(`name: attempts
command: |
  echo start >> attempts.log
  echo "start $(wc -l < attempts.log)"; sleep 3; echo ends
  [ "$(wc -l < attempts.log)" -ge 2 ]
files: { down: [{ from: attempts.log, to: attempts.log }] }
retry: { onFailure: { attempts: 1 } }
`),
  );
  await until(async () => (await outputOf(harness.runs, run.id)) === 'start 1\n', 'the first attempt');
  const { current } = await run.status();
  first.kill('SIGKILL');
  const exit = join(harness.ssh.home, '.gpu-clouds', current?.instanceName ?? '', 'command', 'exit');
  await until(() => readFile(exit).catch(() => undefined), 'the end of the first attempt');
  startWorker();
  expect(await run.result()).toMatchObject({
    outcome: 'succeeded',
    failures: [],
    attempts: [{ exitCode: 1 }, { exitCode: 0 }],
  });
  for (const attempt of [1, 2])
    expect(await outputOf(harness.runs, run.id, 0, attempt)).toBe(`start ${attempt}\nends\n`);
  const starts = join(harness.runs.location(run.id), 'outputs', 'attempts.log');
  expect(await readFile(starts, 'utf8')).toBe('start\n'.repeat(2));
  expect([cloud.creates - before, cloud.left]).toEqual([1, 0]);
});

it('after a worker is killed while several nodes run, each node ran the command once', async () => {
  const before = cloud.creates;
  const first = startWorker();
  const run = await startJob(
    harness.client,
    job(`name: survivors
resources: { nodes: 2 }
command: |
  echo start >> starts-$NODE_RANK.log
  i=1
  while [ $i -le 30 ]; do echo "line $i"; i=$((i + 1)); sleep 0.1; done
files: { down: [{ from: starts-0.log, to: "0" }, { from: starts-1.log, to: "1" }] }
`),
  );
  for (const node of [0, 1]) {
    await until(async () => (await outputOf(harness.runs, run.id, node)).includes('line 5\n'));
  }
  first.kill('SIGKILL');
  startWorker();
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', exitCodes: [0, 0], failures: [] });
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index + 1}\n`);
  for (const node of [0, 1]) {
    expect(await outputOf(harness.runs, run.id, node)).toBe(lines.join(''));
    const starts = join(harness.runs.location(run.id), 'outputs', `node-${node}`, String(node));
    expect(await readFile(starts, 'utf8')).toBe('start\n');
  }
  expect([cloud.creates - before, cloud.left]).toEqual([2, 0]);
});

it('after a worker is killed while it ends a setup that took too long, the run fails for that', async () => {
  const first = startWorker();
  const run = await startJob(
    harness.client,
    job(`name: late
setup: trap '' TERM; echo started; while :; do sleep 0.1; done
command: "true"
limits: { maxSetup: 2s }
`),
  );
  await until(async () => (await outputOf(harness.runs, run.id)) === 'started\n', 'the setup');
  const isCancelled = async () => {
    const { events = [] } = await harness.client.workflow.getHandle(run.id).fetchHistory();
    return events?.some(({ activityTaskCancelRequestedEventAttributes: asked }) => asked);
  };
  await until(isCancelled, 'the end of its time');
  first.kill('SIGKILL');
  startWorker();
  await expect(run.result()).rejects.toMatchObject({ kind: 'setup-failed' });
  await until(() => cloud.left === 0, 'the end of the instance');
});
