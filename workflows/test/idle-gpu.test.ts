import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GpuSample, readGpuSamples, startJob } from '@gpu-clouds/jobs';
import { type FakeCloud, until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job } from './harness.ts';

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

/** @param load What `nvidia-smi` answers: utilization, used and whole memory, and temperature of each GPU. Absent: nothing. */
async function started(load: string | undefined, yaml: string) {
  const file = join(harness.ssh.home, 'gpu-load');
  await (load === undefined ? rm(file, { force: true }) : writeFile(file, load));
  // A dollar a second.
  cloud = harness.cloud('verda', 3600);
  await harness.work([cloud, harness.cloud('tensordock', 7200)], {}, { gpuSampleMs: 200 });
  return startJob(harness.client, job(yaml));
}

async function samplesOf(run: string): Promise<readonly GpuSample[]> {
  const samples: GpuSample[] = [];
  for await (const sample of readGpuSamples(harness.runs, run)) samples.push(sample);
  return samples;
}

it('a command whose GPUs are idle for too long is stopped, its files come back, and the run fails', async () => {
  const run = await started(
    '4, 512, 81920, 40\n0, 512, 81920, 40\n',
    `name: idle
command: |
  trap 'echo half > half.txt; exit 0' TERM
  sleep 600 & wait
files: { down: [{ from: half.txt, to: half.txt }] }
limits: { idleGpu: { for: 1s, then: stop } }
`,
  );
  await expect(run.result()).rejects.toMatchObject({
    kind: 'idle-gpu',
    message: 'All GPUs were below 5 % for 1s (limits.idleGpu), and the command was asked to end.',
    bill: { idleDollars: expect.any(Number) },
  });
  expect(await readFile(join(harness.runs.location(run.id), 'outputs/half.txt'), 'utf8')).toBe('half\n');
  const [sample, ...others] = await samplesOf(run.id);
  expect(sample?.gpus).toEqual([
    { utilization: 4, memoryUsed: 512, memoryTotal: 81920, temperature: 40 },
    { utilization: 0, memoryUsed: 512, memoryTotal: 81920, temperature: 40 },
  ]);
  const { idleGpus, idleDollars = 0, costSoFar } = await run.status();
  expect(idleGpus).toEqual({ node: 0, instanceName: sample?.instanceName, since: sample?.at });
  const seconds = (Date.parse(others.at(-1)?.at ?? '') - Date.parse(sample?.at ?? '')) / 1000;
  expect(idleDollars).toBeCloseTo(seconds, 6);
  expect(idleDollars).toBeLessThan(costSoFar);
  expect(cloud.left).toBe(0);
});

it('with warn, a run whose GPUs are idle is flagged, goes on, and its result says what they cost', async () => {
  const run = await started(
    '4, 512, 81920, 40\n',
    `name: warned
command: until [ -f enough ]; do sleep 0.1; done
limits: { idleGpu: { for: 1s, then: warn } }
`,
  );
  await until(async () => (await run.status()).idleGpus, 'the flag');
  await writeFile(join(harness.ssh.home, 'enough'), '');
  const { outcome, idleDollars = 0 } = await run.result();
  expect(outcome).toBe('succeeded');
  expect(idleDollars).toBeGreaterThanOrEqual(1);
});

it('one busy GPU is enough for a run not to be idle', async () => {
  const run = await started(
    '0, 512, 81920, 40\n97, 512, 81920, 40\n',
    'name: busy\ncommand: sleep 3\nlimits: { idleGpu: { for: 1s, then: stop } }\n',
  );
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', idleDollars: 0 });
  expect((await samplesOf(run.id)).length).toBeGreaterThan(1);
});

it('without samples, a run is not idle, and nothing says how much of the bill was', async () => {
  const run = await started(undefined, 'name: blind\ncommand: sleep 3\nlimits: { idleGpu: { for: 1s, then: stop } }\n');
  const result = await run.result();
  expect([result.outcome, result.idleDollars, await samplesOf(run.id)]).toEqual(['succeeded', undefined, []]);
});

it('idle GPUs of an instance that was lost do not stop the command on the next one', async () => {
  const run = await started(
    '0, 512, 81920, 40\n',
    `name: lost
command: |
  trap '' TERM
  [ -f busy ] || sleep 600
limits: { maxStop: 10m, idleGpu: { for: 1s, then: stop } }
`,
  );
  await until(async () => (await run.status()).idleGpus, 'the flag');
  await writeFile(join(harness.ssh.home, 'gpu-load'), '99, 512, 81920, 40\n');
  await writeFile(join(harness.ssh.home, 'busy'), '');
  cloud.instances.clear();
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [{ kind: 'lost' }] });
});
