import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobHandle, startJob, uploadInputs } from '@gpu-clouds/jobs';
import { taskQueues, workflowNames } from '@gpu-clouds/jobs/contract';
import { pruneRuns } from '@gpu-clouds/jobs/worker';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';
import { steadyEvents } from './steady-events.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

it('a job runs on the cheapest instance, its output and files are stored, and no instance is left', async () => {
  const [dear, cheap] = [harness.cloud('verda', 2), harness.cloud('tensordock', 1)];
  await harness.work([dear, cheap]);
  await writeFile(join(harness.folder, 'in.txt'), 'input');
  const run = await startJob(
    harness.client,
    job(
      `name: happy
files:
  up: [{ from: in.txt, to: data/in.txt }]
  down: [{ from: out.txt, to: out.txt }, { from: data, to: all }]
setup: echo preparing
command: |
  echo "working on $WHAT"
  cat data/in.txt data/in.txt > out.txt
env: { WHAT: it }
`,
      harness.folder,
    ),
    { runs: harness.runs },
  );
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'succeeded', exitCode: 0, outputs: ['out.txt', 'all'], failures: [] });
  expect(result.offer.vendor).toBe('tensordock');
  expect(result.phases.map(({ phase }) => phase)).toEqual([
    'finding-offers',
    'creating',
    'booting',
    'uploading',
    'setting-up',
    'running',
    'collecting',
    'destroying',
  ]);
  // The bill of the phases is the bill of the run, and finding offers is free.
  expect(result.phases[0]?.dollars).toBe(0);
  expect(result.phases.reduce((sum, { dollars }) => sum + dollars, 0)).toBeCloseTo(result.dollars, 9);
  expect(result.dollars).toBeGreaterThan(0);
  expect(await outputOf(harness.runs, run.id)).toBe('preparing\nworking on it\n');
  expect(await readFile(join(harness.runs.location(run.id), 'outputs', 'out.txt'), 'utf8')).toBe('inputinput');
  expect(await readFile(join(harness.runs.location(run.id), 'outputs', 'all', 'in.txt'), 'utf8')).toBe('input');
  expect(await steadyEvents(harness.client, run.id)).toBeLessThanOrEqual(40);
  expect([cheap.left, dear.creates]).toEqual([0, 0]);
});

it('runJob completes a job that is raw JSON, with the id of an input in place of a path', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  await writeFile(join(harness.folder, 'raw.txt'), 'raw input');
  const input = await uploadInputs(harness.runs, join(harness.folder, 'raw.txt'));
  const raw = { name: 'raw', command: 'cat data/raw.txt', files: { up: [{ input, to: 'data' }] } };
  const started = await harness.client.workflow.start(workflowNames.job, {
    workflowId: 'raw-json',
    taskQueue: taskQueues.workflows,
    args: [{ id: 'raw-json', fleet: 'default', store: await harness.runs.id(), job: raw }],
  });
  expect(await started.result()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  expect(await outputOf(harness.runs, 'raw-json')).toBe('raw input');
  expect(await jobHandle(harness.client, 'raw-json').status()).toMatchObject({ name: 'raw', nodes: 1 });
});

it('runJob refuses raw JSON that is not a job, and rents nothing', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const started = await harness.client.workflow.start(workflowNames.job, {
    workflowId: 'raw-nonsense',
    taskQueue: taskQueues.workflows,
    args: [{ id: 'raw-nonsense', fleet: 'default', job: { name: 'raw', comand: 'typo' } }],
  });
  await expect(started.result()).rejects.toMatchObject({ cause: { type: 'invalid' } });
  expect(cloud.creates).toBe(0);
});

it('outputs above limits.maxOutputs fail the run, and what was copied before is kept', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const text = `name: large
command: echo small > small; head -c 3000000 /dev/zero > large; mkdir -p folder; cp large folder/
files: { down: [{ from: small, to: small }, { from: folder, to: folder }] }
limits: { maxOutputs: 0.001 }
`;
  const run = await startJob(harness.client, job(text), { runs: harness.runs });
  await expect(run.result()).rejects.toMatchObject({
    kind: 'missing-output',
    message: expect.stringContaining('folder is larger than limits.maxOutputs allows (1073741 bytes for each node)'),
  });
  expect(await readFile(join(harness.runs.location(run.id), 'outputs', 'small'), 'utf8')).toBe('small\n');
  expect(cloud.left).toBe(0);
});

it('pruneRuns removes an ended run and its input, and keeps those of an open run', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  await writeFile(join(harness.folder, 'kept.txt'), 'kept');
  const files = 'files: { up: [{ from: kept.txt, to: kept.txt }], down: [{ from: kept.txt, to: kept.txt }] }\n';
  const options = { runs: harness.runs };
  const ended = await startJob(harness.client, job(`name: ended\n${files}command: "true"\n`, harness.folder), options);
  await ended.result();
  const open = await startJob(harness.client, job(`name: open\n${files}command: sleep 600\n`, harness.folder), options);
  await expect.poll(async () => (await open.status()).phase).toBe('running');
  const prune = () => pruneRuns(harness.client, harness.runs, 86_400, Date.now() + 2 * 86_400_000);
  const first = await prune();
  expect(first.runs).toContain(ended.id);
  expect(first.runs).not.toContain(open.id);
  const input = await uploadInputs(harness.runs, join(harness.folder, 'kept.txt'));
  expect(first.inputs).not.toContain(input);
  await open.cancel();
  await open.result().catch(() => undefined);
  await expect.poll(async () => (await prune()).inputs).toContain(input);
});
