import { dirname, resolve } from 'node:path';
import { describeIssue } from './job-issues.ts';
import { type Job, jobSchema } from './job-schema.ts';
import { yamlSource } from './yaml-source.ts';

/** A job file is wrong. The message names the file and, a line each, the fields and what they may be. */
export class JobError extends Error {
  override readonly name = 'JobError';
  /** One sentence for each thing that is wrong. */
  readonly issues: readonly string[];

  constructor(file: string, issues: readonly string[]) {
    super([`${file} is no valid job:`, ...issues.map((issue) => `  - ${issue}`)].join('\n'));
    this.issues = issues;
  }
}

/** What no job goes without. */
export const leastJob = 'a mapping with at least "name", and "command" or, with mode: job-deployment, "container"';

/**
 * Reads a job from YAML or JSON.
 * @param file The file it came from: named in messages, and what `files.up[].from` is relative to.
 * @throws JobError
 */
export function parseJob(text: string, file: string): Job {
  const read = yamlSource(text);
  if ('issue' in read) throw new JobError(file, [read.issue]);
  const { source } = read;
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw new JobError(file, [`it must be ${leastJob}`]);
  }
  const checked = checkJob(source);
  if (!('job' in checked)) throw new JobError(file, checked.issues);
  return withAbsoluteUploads(checked.job, dirname(resolve(file)));
}

/** A job, or one sentence for each thing that is wrong with it. */
export function checkJob(source: unknown): { readonly job: Job } | { readonly issues: readonly string[] } {
  const { data, error } = jobSchema.safeParse(source);
  if (data !== undefined) return { job: data };
  return { issues: (error?.issues ?? []).map((issue) => describeIssue(issue, source)) };
}

/** What is to be copied to machines, found from wherever the worker runs. */
export function withAbsoluteUploads(job: Job, folder: string): Job {
  const up = job.files.up.map(({ from, to }) => ({ from: resolve(folder, from), to }));
  return { ...job, files: { ...job.files, up } };
}
