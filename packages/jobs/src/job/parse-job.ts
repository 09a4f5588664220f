import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { isInside, outsideMessage, type Placed } from './job-folder.ts';
import { describeIssue } from './job-issues.ts';
import { type Job, jobFileSchema } from './job-schema.ts';
import { isUrl } from './remote-file.ts';
import { type YamlSource, yamlSource } from './yaml-source.ts';

/** A job file is invalid. The message names the file, and has one line for each issue. */
export class JobError extends Error {
  override readonly name = 'JobError';
  /** One sentence for each issue. */
  readonly issues: readonly string[];

  /** @param places Where each issue is in the file, if that is known. */
  constructor(file: string, issues: readonly string[], places: readonly (string | undefined)[] = []) {
    const shown = issues.map((issue, index) => atPlace(issue, places[index]));
    super([`${file} is not a valid job:`, ...shown.map((issue) => `  - ${issue}`)].join('\n'));
    this.issues = issues;
  }
}

/** Returns an issue behind its place in the file. */
export function atPlace(issue: string, place: string | undefined): string {
  return place === undefined ? issue : `${place}: ${issue}`;
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
  return checkedJob(read.source, file, read.placeOf);
}

/**
 * Like {@link parseJob}, for a job that is no text, such as one made of options. Messages have no places.
 * @param source The job as JSON values.
 * @throws {JobError} The job is invalid.
 */
export function jobFrom(source: unknown, file: string): Job {
  return checkedJob(source, file, () => undefined);
}

function checkedJob(source: unknown, file: string, placeOf: YamlSource['placeOf']): Job {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw new JobError(file, [`it must be ${minimalJob}`]);
  }
  const checked = checkJobIn(source, dirname(resolve(file)));
  if (!('job' in checked)) throw new JobError(file, checked.issues, checked.paths?.map(placeOf));
  return checked.job;
}

/** A job, or one sentence for each issue. */
export type CheckedJob =
  | { readonly job: Job }
  /** @property paths The field of each issue. */
  | { readonly issues: readonly string[]; readonly paths?: readonly (readonly PropertyKey[])[] | undefined };

export function checkJob(source: unknown): CheckedJob {
  const { data, error } = jobFileSchema.safeParse(withoutSchema(source));
  if (data !== undefined) return { job: data };
  const described = withoutSafeLimits(error?.issues ?? []).flatMap((issue) =>
    describeIssue(issue, source).map((text) => ({ text, path: pathOf(issue) })),
  );
  return { issues: described.map(({ text }) => text), paths: described.map(({ path }) => path) };
}

/** Whole numbers have the limits of JavaScript too, which say nothing beside those of the field. */
function withoutSafeLimits(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  const isSafeLimit = (issue: z.core.$ZodIssue) =>
    (issue.code === 'too_big' && issue.maximum === Number.MAX_SAFE_INTEGER) ||
    (issue.code === 'too_small' && issue.minimum === Number.MIN_SAFE_INTEGER);
  const own = new Set(issues.filter((issue) => !isSafeLimit(issue)).map(({ path }) => path.join('.')));
  return issues.filter((issue) => !isSafeLimit(issue) || !own.has(issue.path.join('.')));
}

/** `$schema` is for editors. */
function withoutSchema(source: unknown): unknown {
  if (typeof source !== 'object' || source === null) return source;
  const { $schema: _schema, ...job } = { $schema: undefined, ...source };
  return job;
}

function pathOf(issue: z.core.$ZodIssue): readonly PropertyKey[] {
  const [key] = issue.code === 'unrecognized_keys' ? issue.keys : [];
  return key === undefined ? issue.path : [...issue.path, key];
}

/** Like `checkJob`, for a job file in the folder: upload paths become absolute and must stay inside the folder. */
export function checkJobIn(source: unknown, folder: string): CheckedJob {
  const checked = checkJob(source);
  return 'job' in checked ? placeUploads(checked.job, folder) : checked;
}

function placeUploads(job: Job, folder: string): CheckedJob {
  if (job.mode !== 'instance') return { job };
  const isLocal = (from: string | undefined) => from !== undefined && !isUrl(from);
  if (!job.files.up.some(({ from }) => isLocal(from))) return { job };
  const up = job.files.up.map((entry) =>
    entry.from === undefined || isUrl(entry.from) ? entry : { ...entry, from: resolve(folder, entry.from) },
  );
  const issues = up.flatMap(({ from = '' }, index) => {
    if (from === '' || isUrl(from)) return [];
    const placed = withLinksResolved(folder, from);
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
