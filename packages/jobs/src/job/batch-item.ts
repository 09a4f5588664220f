import type { DeploymentJob, InstanceJob, Job } from './job-schema.ts';

type Changes<J extends Job> = Partial<Omit<J, 'name' | 'mode'>>;

/** How one item of a batch differs from the batch's job. `env` is added to the job's; every other field replaces the job's. */
export type BatchItem = Changes<InstanceJob> | Changes<DeploymentJob>;

/** The most items of one batch. */
export const maxItems = 5000;

/** Returns the job of one item. */
export function jobOfItem<J extends Job>(job: J, item: Changes<J>): J {
  return { ...job, ...item, env: { ...job.env, ...item.env } };
}
