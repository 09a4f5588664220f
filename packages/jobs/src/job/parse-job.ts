import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isInside, outsideMessage, type Placed } from './job-folder.ts';
import { describeIssue } from './job-issues.ts';
import { type Job, jobFileSchema } from './job-schema.ts';
import { yamlSource } from './yaml-source.ts';

/** A job file is invalid. The message names the file, and has one line for each issue. */
export class JobError extends Error {
  override readonly name = 'JobError';
  /** One sentence for each issue. */
  readonly issues: readonly string[];

  constructor(file: string, issues: readonly string[]) {
    super([`${file} is not a valid job:`, ...issues.map((issue) => `  - ${issue}`)].join('\n'));
    this.issues = issues;
  }
}

/** The minimum content of a job, for messages. */
export const minimalJob = 'a mapping with at least "name", and "command" or, with mode: job-deployment, "container"';

/**
 * Parses a job from YAML or JSON, fills in defaults, and makes upload paths absolute.
 * @param file Path of the job file. Messages contain it, and `files.up[].from` is relative to it and must stay inside its folder.
 * @throws {JobError} The job is invalid.
 */
export function parseJob(text: string, file: string): Job {
  const read = yamlSource(text);
  if ('issue' in read) throw new JobError(file, [read.issue]);
  const { source } = read;
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw new JobError(file, [`it must be ${minimalJob}`]);
  }
  const checked = checkJobIn(source, dirname(resolve(file)));
  if (!('job' in checked)) throw new JobError(file, checked.issues);
  return checked.job;
}

/** A job, or one sentence for each issue. */
export type CheckedJob = { readonly job: Job } | { readonly issues: readonly string[] };

export function checkJob(source: unknown): CheckedJob {
  const { data, error } = jobFileSchema.safeParse(source);
  if (data !== undefined) return { job: data };
  return { issues: (error?.issues ?? []).flatMap((issue) => describeIssue(issue, source)) };
}

/** Like `checkJob`, for a job file in the folder: upload paths become absolute and must stay inside the folder. */
export function checkJobIn(source: unknown, folder: string): CheckedJob {
  const checked = checkJob(source);
  return 'job' in checked ? placeUploads(checked.job, folder) : checked;
}

function placeUploads(job: Job, folder: string): CheckedJob {
  if (job.mode !== 'instance') return { job };
  const up = job.files.up.map(({ from, ...rest }) =>
    from === undefined ? rest : { from: resolve(folder, from), ...rest },
  );
  if (up.every((entry) => !('from' in entry))) return { job };
  const issues = up.flatMap((entry, index) => {
    if (!('from' in entry)) return [];
    const placed = withLinksResolved(folder, entry.from);
    return isInside(placed) ? [] : [`files.up[${index}].from ${outsideMessage(placed)}`];
  });
  return issues.length > 0 ? { issues } : { job: { ...job, files: { ...job.files, folder, up } } };
}

/** Resolves links if both paths exist. `startJob` checks again when it reads the files. */
function withLinksResolved(folder: string, path: string): Placed {
  try {
    return { folder: realpathSync(folder), path: realpathSync(path) };
  } catch {
    return { folder, path };
  }
}
