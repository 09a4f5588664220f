import { Client } from '@temporalio/client';
import { expect, it, vi } from 'vitest';
import { instanceJob } from '../../test/instance-job.ts';
import { startJob } from './job-client.ts';

it('startJob refuses a command of 3 MB before it starts anything, and names the size and the limit', async () => {
  const client = new Client();
  const start = vi.spyOn(client.workflow, 'start').mockRejectedValue(new Error('Failed to start Workflow'));
  const job = { ...instanceJob('name: long\ncommand: "true"\n'), command: 'x'.repeat(3_000_000) };
  const starting = startJob(client, job, { fleet: 'default' });
  await expect(starting).rejects.toMatchObject({ name: 'InputError' });
  await expect(starting).rejects.toThrow(/The job has 3\.0 MB, and Temporal accepts 1\.9 MB/);
  expect(start).not.toHaveBeenCalled();
});

it('startJob refuses a fleet that workers would refuse, before it starts anything', async () => {
  const client = new Client();
  const start = vi.spyOn(client.workflow, 'start').mockRejectedValue(new Error('Failed to start Workflow'));
  const starting = startJob(client, instanceJob('name: x\ncommand: "true"\n'), { fleet: 'Dev' });
  await expect(starting).rejects.toThrow('A fleet\'s name is 1 to 12 lower-case letters and digits, not "Dev".');
  expect(start).not.toHaveBeenCalled();
});
