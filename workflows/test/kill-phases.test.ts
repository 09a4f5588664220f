import type { ChildProcess } from 'node:child_process';
import type { Vendor } from '@gpu-clouds/clouds/pure';
import { type JobHandle, startJob } from '@gpu-clouds/jobs';
import { reaches, until } from '@gpu-clouds/jobs/test';
import { createSimulators, type Simulators } from '@gpu-clouds/simulators';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCloudWorker } from './cloud-worker.ts';
import { Harness, job } from './harness.ts';

let harness: Harness;
let simulators: Simulators;
let env: NodeJS.ProcessEnv;
let child: ChildProcess | undefined;
beforeAll(async () => {
  harness = await Harness.start();
  simulators = createSimulators({ bootSeconds: 8 });
  const endpoints = await simulators.listen();
  env = Object.assign({ ...process.env }, ...Object.values(endpoints).map((endpoint) => endpoint.env));
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

async function start(vendor: Vendor): Promise<JobHandle> {
  return startJob(harness.client, job(`name: ${vendor}\nresources: { vendors: [${vendor}] }\ncommand: "true"\n`));
}

it('a worker killed while instances are created, booted, and destroyed leaves none, and creates none twice', async () => {
  const first = startWorker();
  await simulators.faults.add({ kind: 'delete-fails', vendor: 'tensordock', count: 60 });
  const destroying = await start('tensordock');
  await reaches(destroying, 'destroying');
  const booting = await start('gpu-ai');
  await reaches(booting, 'booting');
  await simulators.faults.add({ kind: 'latency', vendor: 'verda', operation: 'createInstance', seconds: 4 });
  const creating = await start('verda');
  await reaches(creating, 'creating');
  // The create is under way once its key is there: it takes effect after the worker's death, and nobody hears the answer.
  await until(() => simulators.ledger().keys.some(({ vendor }) => vendor === 'verda'), 'the key of the create');
  first.kill('SIGKILL');
  simulators.faults.clear();
  startWorker();
  for (const run of [destroying, booting, creating]) expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
  const ledger = simulators.ledger();
  expect(ledger.instances.map(({ vendor, createCalls }) => [vendor, createCalls]).sort()).toEqual([
    ['gpu-ai', 1],
    ['tensordock', 1],
    ['verda', 1],
  ]);
  expect(ledger.left).toEqual({ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 });
}, 300_000);
