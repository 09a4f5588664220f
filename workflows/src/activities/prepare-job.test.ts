import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InstanceJob, localRunStore, uploadInputs } from '@gpu-clouds/jobs';
import { workflowNames } from '@gpu-clouds/jobs/contract';
import { FakeCloud, instanceJob } from '@gpu-clouds/jobs/test';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import type { PrepareInput } from './contract.ts';
import { createActivities } from './create-activities.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const job = instanceJob('name: train\ncommand: ./train.sh\n');

function prepare(input: Partial<PrepareInput>, client?: Client) {
  const { job: activities } = createActivities({
    fleet: 'default',
    clouds: new Map([['verda', new FakeCloud('verda', [{}], { host: '127.0.0.1', port: 22, user: 'root' })]]),
    masterSecret: 'sixteen characters',
    runs: localRunStore(folder),
  });
  return mockActivity({}, client).run(activities.prepareJob, { fleet: 'default', job, ...input });
}

function prepared(gpu: string | readonly string[]) {
  return prepare({ job: { ...job, resources: { ...job.resources, gpu: [gpu].flat() } } });
}

it('a job that names its GPUs in any accepted way is prepared', async () => {
  expect(await prepared(['4090', 'H100:8'])).toEqual({ vendors: ['verda'] });
});

it.each(['H100,H200', 'H100 foo', 'H100:0'])(
  'a job that reaches the worker with gpu: %s fails for good',
  async (gpu) => {
    await expect(prepared(gpu)).rejects.toMatchObject({
      type: 'invalid',
      nonRetryable: true,
      message: expect.stringMatching(/^The job is not valid: resources\.gpu.*"H100/),
    });
  },
);

const endedLease = { type: workflowNames.instance, memo: { name: 'brief' }, status: { name: 'COMPLETED' } };

it.each([
  ['has ended meanwhile', 'lease-ended', 'The lease brief has ended. List leases with `gpu-clouds ls`.', endedLease],
  ['Temporal does not have', 'invalid', 'There is no lease "leased". List leases with `gpu-clouds ls`.', undefined],
])('a run on a lease that %s fails for good, as %s', async (_, type, message, info) => {
  const describe = async () => {
    if (info === undefined) throw new WorkflowNotFoundError('not found', 'leased', undefined);
    return info;
  };
  const client = Object.assign(new Client(), { workflow: { getHandle: () => ({ describe }) } });
  await expect(prepare({ lease: 'leased' }, client)).rejects.toMatchObject({ type, message, nonRetryable: true });
});

it('a run whose files are in the run store of the worker is prepared', async () => {
  const store = await localRunStore(folder).id();
  expect(await prepare({ store })).toEqual({ vendors: ['verda'] });
});

it('a worker refuses a run whose files are in another run store before anything is rented', async () => {
  await expect(prepare({ store: 'another' })).rejects.toMatchObject({
    type: 'invalid',
    nonRetryable: true,
    message: `The run uses the run store another, and this worker uses ${await localRunStore(folder).id()}. Set GPU_CLOUDS_RUNS to the same store for workers and for programs that start runs.`,
  });
});

it('a worker refuses a run of another contract version before anything is rented', async () => {
  await expect(prepare({ contract: '9.0' })).rejects.toMatchObject({
    type: 'invalid',
    nonRetryable: true,
    message: expect.stringContaining('The input has contract version 9.0, and this worker accepts '),
  });
});

it('a job as raw JSON is completed with the defaults of a job file', async () => {
  const raw = JSON.parse('{ "name": "train", "command": "./train.sh" }');
  expect(await prepare({ job: raw })).toEqual({ vendors: ['verda'], job });
});

it('a job as raw JSON with invalid fields fails for good with all issues', async () => {
  const raw = JSON.parse('{ "name": "Train", "command": "x", "limits": { "maxCost": -1 } }');
  await expect(prepare({ job: raw })).rejects.toMatchObject({
    type: 'invalid',
    nonRetryable: true,
    message: expect.stringMatching(
      /^The job is not valid: name is "Train".+; limits\.maxCost must be more than 0, not -1\.$/,
    ),
  });
});

const uploading = (entry: InstanceJob['files']['up'][number]) => ({ ...job, files: { up: [entry], down: [] } });

it('a worker reads no file of its own machine for a job', async () => {
  await expect(prepare({ job: uploading({ from: '/etc/passwd', to: 'x' }) })).rejects.toMatchObject({
    type: 'invalid',
    nonRetryable: true,
    message: expect.stringContaining(
      'The job uploads /etc/passwd, which the worker cannot read. Start it with startJob',
    ),
  });
});

it('a job whose input is not in the run store fails for good before anything is rented', async () => {
  const input = await uploadInputs(localRunStore(folder), import.meta.filename);
  expect(await prepare({ job: uploading({ input, to: 'x' }) })).toEqual({ vendors: ['verda'] });
  await localRunStore(folder).inputs.remove(input);
  await expect(prepare({ job: uploading({ input, to: 'x' }) })).rejects.toMatchObject({
    type: 'invalid',
    nonRetryable: true,
    message: `The run store has no input ${input}. Upload it again and start a new run.`,
  });
});
