import type { Job } from './job-schema.ts';

/** How one item of a batch differs from the batch's job. `env` is added to the job's; every other field replaces the job's. */
export type BatchItem = Partial<Omit<Job, 'name'>>;

/** Returns the job of one item. */
export function jobOfItem(job: Job, item: BatchItem): Job {
  return { ...job, ...item, env: { ...job.env, ...item.env } };
}
