import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseJob } from '@gpu-clouds/jobs';
import { FakeCloud, offerOf } from '@gpu-clouds/jobs/test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createActivities } from './create-activities.ts';

let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'gpu-clouds-uploads-')));
  await mkdir(join(root, 'job'));
  await writeFile(join(root, 'job/in.txt'), 'input');
  await writeFile(join(root, 'key'), 'a private key');
});
afterAll(() => rm(root, { recursive: true }));

const ssh = { host: '127.0.0.1', port: 22, user: 'root' };
const { job: jobActivities, follow } = createActivities({
  fleet: 'default',
  clouds: new Map([['verda', new FakeCloud('verda', [offerOf('verda', 'a')], ssh)]]),
  masterSecret: 'a master secret of the tests',
});
const parsed = (from: string) =>
  parseJob(`name: j\ncommand: "true"\nfiles: { up: [{ from: ${from}, to: a }] }\n`, join(root, 'job/job.yaml'));
const prepare = (job: ReturnType<typeof parsed>) => jobActivities.prepareJob({ fleet: 'default', job });
const invalid = (message: string) => ({ type: 'invalid', nonRetryable: true, message });

it('a job may upload files of the folder of its job file', async () => {
  expect(await prepare(parsed('in.txt'))).toEqual({ vendors: ['verda'] });
});

it('a job that names files outside its folder is refused by the worker, whatever the client did', async () => {
  const job = parsed('in.txt');
  const from = join(root, 'key');
  const message = `The job uploads ${from}, which leads to ${from}, outside ${root}/job: only files in the folder of the job file can be uploaded.`;
  const files = { ...job.files, up: [{ from, to: 'a' }] };
  await expect(prepare({ ...job, files })).rejects.toMatchObject(invalid(message));
});

it('a job that names files but no folder is refused by the worker', async () => {
  const job = parsed('in.txt');
  const files = { up: job.files.up, down: [] };
  const message = 'The job uploads files, but not of which folder: make it with parseJob, or set files.folder.';
  await expect(prepare({ ...job, files })).rejects.toMatchObject(invalid(message));
});

it('a file that became a link to another place is refused when the job is prepared, and again when it is uploaded', async () => {
  const job = parsed('later');
  const from = join(root, 'job/later');
  await symlink(join(root, 'key'), from);
  const message = `The job uploads ${from}, which leads to ${root}/key, outside ${root}/job: only files in the folder of the job file can be uploaded.`;
  await expect(prepare(job)).rejects.toMatchObject(invalid(message));
  const instance = { instanceName: 'gpuc-default-r-0', ssh, hostKey: 'SHA256:none' };
  const input = { run: 'r', instance, secrets: [], files: job.files.up, folder: join(root, 'job') };
  await expect(follow.uploadFiles(input)).rejects.toMatchObject(invalid(message));
});

it('a file that is not there is refused by its path', async () => {
  const message = `The job uploads ${root}/job/none, which the worker cannot read.`;
  await expect(prepare(parsed('none'))).rejects.toMatchObject(invalid(message));
});
