import type { Job } from './job-schema.ts';

/** What one item of a batch has otherwise than the batch's job. Environment variables are added to the job's; all else takes its place. */
export type BatchItem = Partial<Omit<Job, 'name'>>;

/** The job of one item. */
export function jobOfItem(job: Job, item: BatchItem): Job {
  return { ...job, ...item, env: { ...job.env, ...item.env } };
}
