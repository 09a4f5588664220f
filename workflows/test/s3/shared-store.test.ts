import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRunStore, type RunStore, startJob, taskQueues } from '@gpu-clouds/jobs';
import { bytesOf, until } from '@gpu-clouds/jobs/test';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createActivities } from '../../src/activities/index.ts';
import { Harness, job, masterSecret, outputOf, quick } from '../harness.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

let server: S3Server;
let harness: Harness;
let runs: RunStore;
let place: string;
let env: NodeJS.ProcessEnv;
let connection: NativeConnection;
let workers: readonly Worker[];
let running: Promise<unknown>;
const children: ChildProcess[] = [];

/** This process plays the clouds, which survive. All the rest is done by processes that share nothing but the bucket. */
beforeAll(async () => {
  server = await startS3Server(inject('s3Server'));
  const { accessKeyId, secretAccessKey } = server.credentials;
  const aws = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  env = { ...process.env, ...aws, AWS_ENDPOINT_URL_S3: server.endpoint };
  place = `s3://${server.bucket}/runs`;
  runs = await openRunStore(place, env);
  harness = await Harness.start();
  const clouds = new Map([harness.cloud('tensordock', 1, true), harness.cloud('verda', 2)].map((c) => [c.vendor, c]));
  lose = () => clouds.get('tensordock')?.instances.clear();
  connection = await NativeConnection.connect({ address: harness.server.address });
  const activities = createActivities({ fleet: 'default', clouds, masterSecret, runs, timing: quick });
  workers = await Promise.all([
    Worker.create({ connection, taskQueue: taskQueues.workflows, activities: activities.job }),
    ...[...clouds.keys()].flatMap((vendor) => [
      Worker.create({ connection, taskQueue: taskQueues.vendor(vendor), activities: activities.vendor }),
      Worker.create({ connection, taskQueue: taskQueues.watch(vendor), activities: activities.watch }),
    ]),
  ]);
  running = Promise.all(workers.map((worker) => worker.run()));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const worker of workers) worker.shutdown();
  await running;
  await connection.close();
  await harness.close();
  await server.close();
});

/** The cloud takes its spot instances back. */
let lose: () => void;

async function startWorker(): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('../worker-process.ts', import.meta.url));
  const cwd = await mkdtemp(join(harness.folder, 'worker-'));
  const args = [program, harness.server.address, place, inject('workflowBundle')];
  const child = spawn(process.execPath, args, { cwd, env, stdio: 'ignore' });
  children.push(child);
  return child;
}

it('a worker killed under way costs nothing: another one, with another disk, completes output and files', async () => {
  const first = await startWorker();
  const yaml = `name: survivor
command: |
  mkdir all; head -c 3000000 /dev/zero | tr '\\0' x > all/large; echo small > all/small
  i=1
  while [ $i -le 60 ]; do echo "line $i"; i=$((i + 1)); sleep 0.1; done
files: { down: [{ from: all, to: all }] }
`;
  const run = await startJob(harness.client, job(yaml));
  await until(async () => (await outputOf(runs, run.id)).includes('line 5\n'));
  first.kill('SIGKILL');
  const second = await startWorker();
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [], outputs: ['all'] });
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`);
  expect(await outputOf(runs, run.id)).toBe(lines.join(''));
  expect((await bytesOf(runs.readFile(run.id, 'outputs/all/large'))).equals(Buffer.alloc(3_000_000, 'x'))).toBe(true);
  expect((await bytesOf(runs.readFile(run.id, 'outputs/all/small'))).toString()).toBe('small\n');
  second.kill('SIGKILL');
});

it('a checkpoint that a dead worker saved is put on the next instance by another one', async () => {
  const first = await startWorker();
  const yaml = `name: resumed
resources: { spot: allow }
command: |
  if [ -f state/step ]; then echo "goes on after $(cat state/step)"; exit 0; fi
  mkdir -p state; echo 41 > state/step
  echo begins
  sleep 600
checkpoint: { folder: state, every: 1s }
`;
  const run = await startJob(harness.client, job(yaml));
  await until(async () => {
    for await (const _ of runs.listFiles(run.id, 'checkpoints'))
      return (await runs.outputSize({ run: run.id, node: 0 })) > 0;
    return false;
  }, 'a checkpoint');
  first.kill('SIGKILL');
  await startWorker();
  lose();
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [{ kind: 'preempted' }] });
  expect(await outputOf(runs, run.id)).toBe('begins\ngoes on after 41\n');
});
