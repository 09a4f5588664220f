import { type InstanceJob, localRunStore, type RunStore } from '@gpu-clouds/jobs';
import { FakeCloud, instanceJob } from '@gpu-clouds/jobs/test';
import { expect, it } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import { createActivities } from './create-activities.ts';
import { jobBuckets } from './job-buckets.ts';

const store = (url: string): RunStore => ({ ...localRunStore('unused'), location: (run) => `${url}/${run}` });
const env = { GPU_CLOUDS_JOB_BUCKETS: 'models, s3://data/public/,' };

it.each([
  ['s3://models', true],
  ['s3://models/a/b', true],
  ['s3://models-private/a', false],
  ['s3://data/public', true],
  ['s3://data/public/x/', true],
  ['s3://data/publicity', false],
  ['s3://data', false],
  ['s3://other/models', false],
])('of the buckets "models" and "data/public", a job may use %s: %s', (url, allowed) => {
  const refusal = jobBuckets({ env }, localRunStore('unused')).refusal(url);
  if (allowed) expect(refusal).toBeUndefined();
  else expect(refusal).toMatch(/ is not open to jobs: add ".+" or a prefix in it to GPU_CLOUDS_JOB_BUCKETS /);
});

it('without a list, a job may use no bucket', () => {
  expect(jobBuckets({ env: {} }, localRunStore('unused')).refusal('s3://models')).toContain('is not open to jobs');
});

it.each([
  ['s3://models/runs', 's3://models/runs/train-1/outputs'],
  ['s3://models/runs', 's3://models'],
  ['s3://models', 's3://models/x'],
])('with the run store at %s, a job may not use %s', (runs, url) => {
  expect(jobBuckets({ env }, store(runs)).refusal(url)).toBe(`${url} overlaps with the run store. Use another prefix.`);
  expect(jobBuckets({ env }, store('s3://models/runs')).refusal('s3://models/weights')).toBeUndefined();
});

it.each<Partial<InstanceJob['files']>>([
  { up: [{ from: 's3://private/x', to: 'x' }] },
  { down: [{ from: 'x', to: 's3://private/x' }] },
])('a job that uses a bucket that is not listed fails before anything is rented: %j', async (files) => {
  const { job } = createActivities({
    fleet: 'default',
    clouds: new Map([['verda', new FakeCloud('verda', [{}], { host: '127.0.0.1', port: 22, user: 'root' })]]),
    masterSecret: 'sixteen characters',
    env,
  });
  const prepared = mockActivity().run(job.prepareJob, {
    fleet: 'default',
    job: { ...instanceJob('name: train\ncommand: "true"\n'), files: { up: [], down: [], ...files } },
  });
  await expect(prepared).rejects.toMatchObject({
    type: 'invalid',
    nonRetryable: true,
    message: expect.stringContaining('s3://private/x is not open to jobs: add "private"'),
  });
});
