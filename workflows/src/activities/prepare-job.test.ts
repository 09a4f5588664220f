import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRuns, parseJob } from '@gpu-clouds/jobs';
import { FakeCloud } from '@gpu-clouds/jobs/test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import { createActivities } from './create-activities.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function prepared(gpu: string | readonly string[]) {
  const job = parseJob('name: train\ncommand: ./train.sh\n', 'job.yaml');
  const { job: activities } = createActivities({
    fleet: 'default',
    clouds: new Map([['verda', new FakeCloud('verda', [{}], { host: '127.0.0.1', port: 22, user: 'root' })]]),
    masterSecret: 'sixteen characters',
    runs: localRuns(folder),
  });
  const resources = { ...job.resources, gpu: [gpu].flat() };
  return mockActivity().run(activities.prepareJob, { fleet: 'default', job: { ...job, resources } });
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
      message: expect.stringMatching(/^resources\.gpu: .*"H100/),
    });
  },
);
