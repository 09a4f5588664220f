import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { jobFileSchema } from './checked-job-schema.ts';
import { isInside, leadsOut, type Placed } from './job-folder.ts';
import { describeIssue } from './job-issues.ts';
import type { Job } from './job-schema.ts';
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
 * @param file The file it came from: named in messages, and what `files.up[].from` is relative to. Nothing outside its folder is uploaded.
 * @throws JobError
 */
export function parseJob(text: string, file: string): Job {
  const read = yamlSource(text);
  if ('issue' in read) throw new JobError(file, [read.issue]);
  const { source } = read;
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw new JobError(file, [`it must be ${leastJob}`]);
  }
  const checked = checkJobIn(source, dirname(resolve(file)));
  if (!('job' in checked)) throw new JobError(file, checked.issues);
  return checked.job;
}

/** A job, or one sentence for each thing that is wrong with it. */
export type CheckedJob = { readonly job: Job } | { readonly issues: readonly string[] };

export function checkJob(source: unknown): CheckedJob {
  const { data, error } = jobFileSchema.safeParse(source);
  if (data !== undefined) return { job: data };
  return { issues: (error?.issues ?? []).map((issue) => describeIssue(issue, source)) };
}

/** The same, for what comes from a file of the folder: paths of uploads become absolute, and must not lead out of it. */
export function checkJobIn(source: unknown, folder: string): CheckedJob {
  const checked = checkJob(source);
  return 'job' in checked ? placeUploads(checked.job, folder) : checked;
}

function placeUploads(job: Job, folder: string): CheckedJob {
  const up = job.files.up.map(({ from, to }) => ({ from: resolve(folder, from), to }));
  if (up.length === 0) return { job };
  const issues = up.flatMap(({ from }, index) => {
    const placed = reallyPlaced(folder, from);
    return isInside(placed) ? [] : [`files.up[${index}].from ${leadsOut(placed)}`];
  });
  return issues.length > 0 ? { issues } : { job: { ...job, files: { ...job.files, folder, up } } };
}

/** With links resolved where both are to be seen from here; the worker, which has to see them, looks again. */
function reallyPlaced(folder: string, path: string): Placed {
  try {
    return { folder: realpathSync(folder), path: realpathSync(path) };
  } catch {
    return { folder, path };
  }
}
