import type { ChildProcess } from 'node:child_process';
import { type JobHandle, startJob } from '@gpu-clouds/jobs';
import { reaches, until } from '@gpu-clouds/jobs/test';
import { createSimulators, type Simulators, systemClock } from '@gpu-clouds/simulators';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCloudWorker } from './cloud-worker.ts';
import { Harness, job } from './harness.ts';

let harness: Harness;
let simulators: Simulators;
let env: NodeJS.ProcessEnv;
/** Seconds that the simulators do not wait for something, but until they are told. */
const long = 1000;
const held: (() => void)[] = [];
let child: ChildProcess | undefined;
beforeAll(async () => {
  harness = await Harness.start();
  const clock = {
    ...systemClock,
    after(milliseconds: number, callback: () => void) {
      if (milliseconds < long * 1000) return systemClock.after(milliseconds, callback);
      held.push(callback);
      return () => undefined;
    },
  };
  simulators = createSimulators({ bootSeconds: 1, ssh: false, clock });
  env = { ...process.env, ...(await simulators.listen()).verda.env };
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await harness.close();
  await simulators.close();
});

function startWorker(): ChildProcess {
  child = startCloudWorker(harness, env);
  return child;
}

/** An instance name holds a run's id as it is only where it is short. */
async function start(id: string, seconds: number): Promise<JobHandle> {
  const container = `{ image: me/job:1.0, port: 8000, path: "/job?duration=${seconds}" }`;
  return startJob(harness.client, job(`name: serverless\nmode: job-deployment\ncontainer: ${container}\n`), { id });
}

/** What the vendor has had of a run: jobs of each of its deployments. */
function submissionsOf({ id }: JobHandle): readonly number[] {
  const { jobDeployments } = simulators.ledger();
  return jobDeployments.filter(({ name: instanceName }) => instanceName.includes(`-${id}-`)).map(({ jobs }) => jobs);
}

it('a worker killed at any step leaves no job deployment, creates none twice, and submits no job twice', async () => {
  const first = startWorker();
  const { faults } = simulators;
  const vendor = 'verda';
  await faults.add({ kind: 'delete-fails', vendor, operation: 'deleteJobDeployment', count: 10_000 });
  const destroying = await start('destroying', 0.1);
  await reaches(destroying, 'destroying');
  const answering = await start('answering', long);
  await until(() => held.length === 1, 'the job that is not answered');
  await faults.add({ kind: 'latency', vendor, operation: 'submitJob', seconds: long });
  const submitting = await start('submitting', 0.1);
  await until(() => held.length === 2, 'the submission on its way');
  await faults.add({ kind: 'never-boots', vendor, operation: 'createJobDeployment' });
  const waiting = await start('waiting', 0.1);
  await reaches(waiting, 'booting');
  await faults.add({ kind: 'latency', vendor, operation: 'createJobDeployment', seconds: long });
  const deploying = await start('deploying', 0.1);
  await until(() => held.length === 3, 'the create on its way');
  first.kill('SIGKILL');
  faults.clear();
  // All of it takes effect, and nobody hears of it.
  for (const takeEffect of held) takeEffect();
  startWorker();
  for (const run of [destroying, answering, submitting, deploying]) {
    expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
  }
  expect([destroying, answering, deploying].map(submissionsOf)).toEqual([[1], [1], [1]]);
  // Nobody knew whether the first took it: that one is deleted with its job, and another takes it.
  expect(submissionsOf(submitting)).toEqual([1, 1]);
  await waiting.cancel();
  await expect(waiting.result()).rejects.toMatchObject({ kind: 'cancelled' });
  expect(submissionsOf(waiting)).toEqual([0]);
  expect(simulators.ledger().left.jobDeployments).toBe(0);
}, 300_000);
