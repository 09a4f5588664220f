import type { InstanceJob } from '../src/job/job-schema.ts';
import { parseJob } from '../src/job/parse-job.ts';

/** Parses a job that runs on instances. */
export function instanceJob(text: string, file = 'job.yaml'): InstanceJob {
  const job = parseJob(text, file);
  if (job.mode === 'instance') return job;
  throw new Error('The job runs as a job deployment.');
}
