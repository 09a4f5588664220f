import { dirname, resolve } from 'node:path';
import { mostSimilar } from '@gpu-clouds/clouds/pure';
import { type BatchItem, maxItems } from './batch-item.ts';
import type { Job } from './job-schema.ts';
import { atPlace, checkJob, checkJobIn, minimalJob } from './parse-job.ts';
import { type Variables, VariablesError, variableRows } from './variable-rows.ts';
import { type YamlSource, yamlSource } from './yaml-source.ts';

/** The content of a batch file. */
export interface Batch {
  /** The job that all items are variants of, with defaults filled in and absolute upload paths. */
  readonly job: Job;
  /** How each item differs from the job, in the order of the file or matrix. At least one. */
  readonly items: readonly BatchItem[];
  /** Maximum number of runs at the same time, at least 1. Absent if the file has none; `startBatch` then uses its default. */
  readonly window?: number | undefined;
  /** Once more items than this have failed, no further items start. 0 or more. Absent: all items start. */
  readonly maxFailures?: number | undefined;
}

/** A batch file or a file of items is invalid. The message names the file, and has one line for each of up to ten issues. */
export class BatchFileError extends Error {
  override readonly name = 'BatchFileError';
  /** One sentence for each issue. */
  readonly issues: readonly string[];

  constructor(file: string, issues: readonly string[]) {
    const more = issues.length > maxShownIssues ? [`and ${issues.length - maxShownIssues} more`] : [];
    super(
      [
        `${file} is not a valid batch:`,
        ...[...issues.slice(0, maxShownIssues), ...more].map((line) => `  - ${line}`),
      ].join('\n'),
    );
    this.issues = issues;
  }
}

const maxShownIssues = 10;
const fields = ['job', 'items', 'matrix', 'window', 'maxFailures'];
const example =
  'for example items: [{ env: { SEED: 1 } }, { env: { SEED: 2 } }] or matrix: { SEED: [1, 2], LR: [0.1, 0.01] }';

/**
 * Parses a batch from YAML or JSON. It has a `job` as in a job file, and either `items`, which say how each item differs from the job,
 * or `matrix`, a mapping of variables to lists of values. Each combination of values is one item.
 * @param file Path of the batch file. Messages contain it, and `files.up[].from` is relative to it and must stay inside its folder.
 * @throws {BatchFileError} The batch is invalid.
 */
export function parseBatch(text: string, file: string): Batch {
  const { source, placeOf } = mappingIn(text, file);
  if ('command' in source && !('job' in source)) {
    const how = 'pass its items with --items <file>, or move it under "job" and add "items" or "matrix"';
    throw new BatchFileError(file, [`it is a job, not a batch; ${how}`]);
  }
  const unknown = Object.keys(source).filter((key) => !fields.includes(key));
  const issues = unknown.map((key) => atPlace(unknownField(key), placeOf([key])));
  const { job: template, items, matrix, window, maxFailures } = source;
  if (template === undefined) issues.push(`job is missing; it must be ${minimalJob}`);
  else if (!isMapping(template)) issues.push('job must be a mapping, as in a job file');
  issues.push(...wholeNumber('window', window, 1), ...wholeNumber('maxFailures', maxFailures, 0));
  if ((items === undefined) === (matrix === undefined)) issues.push(`it needs either items or matrix, ${example}`);
  else if (items !== undefined && !Array.isArray(items)) issues.push(`items must be a list, ${example}`);
  if (issues.length > 0 || !isMapping(template)) throw new BatchFileError(file, issues);

  const folder = dirname(resolve(file));
  const checked = checkJobIn(template, folder);
  if (!('job' in checked))
    throw new BatchFileError(
      file,
      checked.issues.map((issue, index) =>
        atPlace(`job: ${issue}`, placeOf(['job', ...(checked.paths?.[index] ?? [])])),
      ),
    );
  const { job } = checked;
  const raw: readonly unknown[] = Array.isArray(items) ? items : combinations(matrix, file);
  return {
    job,
    items: checkedItems(job, raw, file, folder, (index) => (items === undefined ? 'matrix' : `items[${index}]`)),
    ...(typeof window === 'number' ? { window } : {}),
    ...(typeof maxFailures === 'number' ? { maxFailures } : {}),
  };
}

/**
 * Parses the items of a batch from CSV, whose first line names environment variables, or from JSON Lines, where each line is a mapping
 * of variables to values.
 * @param file Path of the file. Its name must end in `.csv`, `.jsonl`, or `.ndjson`.
 * @throws {BatchFileError} The file or one of its items is invalid.
 */
export function parseBatchItems(text: string, file: string, job: Job): readonly BatchItem[] {
  try {
    const rows = variableRows(text, file);
    const raw = rows.map(({ variables }) => ({ env: variables }));
    return checkedItems(job, raw, file, dirname(resolve(file)), (index) => `line ${rows[index]?.line}`);
  } catch (error) {
    if (error instanceof VariablesError) throw new BatchFileError(file, [error.message]);
    throw error;
  }
}

function checkedItems(
  job: Job,
  raw: readonly unknown[],
  file: string,
  folder: string,
  where: (index: number) => string,
): readonly BatchItem[] {
  refuseTooMany(raw.length, file);
  const checked = raw.map((item) => checkItem(job, item, folder));
  const issues = checked.flatMap((item, index) =>
    'issues' in item ? item.issues.map((issue) => `${where(index)}: ${issue}`) : [],
  );
  if (raw.length === 0) issues.push('it has no items');
  // An invalid value of a matrix occurs in several combinations.
  if (issues.length > 0) throw new BatchFileError(file, [...new Set(issues)]);
  return checked.flatMap((item) => ('item' in item ? [item.item] : []));
}

function checkItem(
  job: Job,
  raw: unknown,
  folder: string,
): { readonly item: BatchItem } | { readonly issues: readonly string[] } {
  if (!isMapping(raw))
    return { issues: ['must be a mapping of fields that differ from the job, such as { env: { SEED: 1 } }'] };
  if ('mode' in raw) return { issues: ['an item cannot have a mode; all items run in the mode of the job'] };
  if ('name' in raw)
    return { issues: ['an item cannot have a name; its run is named after the batch and the index of the item'] };
  const { env = {} } = raw;
  if (!isMapping(env)) return { issues: ['env must be a mapping of variables to values'] };
  const source = { ...withoutFolder(job), ...raw, env: { ...job.env, ...env } };
  const checked = 'files' in raw ? checkJobIn(source, folder) : checkJob(source);
  if (!('job' in checked)) return checked;
  const whole: Readonly<Record<string, unknown>> = { ...checked.job };
  const own = Object.keys(raw).map((key) => [key, whole[key]]);
  const variables = Object.keys(env).map((name) => [name, checked.job.env[name]]);
  return { item: { ...Object.fromEntries(own), ...('env' in raw ? { env: Object.fromEntries(variables) } : {}) } };
}

/** The job as its file has it. Its own uploads are already checked, and stay absolute. */
function withoutFolder(job: Job): Job {
  if (job.mode !== 'instance') return job;
  const { folder: _, ...files } = job.files;
  return { ...job, files };
}

/** The last variable changes fastest. */
function combinations(matrix: unknown, file: string): readonly { readonly env: Variables }[] {
  if (!isMapping(matrix) || Object.keys(matrix).length === 0) {
    throw new BatchFileError(file, [`matrix must be a mapping of variables to lists of values, ${example}`]);
  }
  const variables = Object.entries(matrix).map(([name, values]): readonly [string, readonly unknown[]] => {
    if (Array.isArray(values) && values.length > 0) return [name, values];
    throw new BatchFileError(file, [`matrix.${name} must be a list of at least one value`]);
  });
  // A few lists of values have more combinations than fit the memory.
  refuseTooMany(
    variables.reduce((count, [, values]) => count * values.length, 1),
    file,
  );
  return variables.reduce<readonly { readonly env: Variables }[]>(
    (all, [name, values]) => all.flatMap(({ env }) => values.map((value) => ({ env: { ...env, [name]: value } }))),
    [{ env: {} }],
  );
}

function refuseTooMany(items: number, file: string): void {
  if (items > maxItems)
    throw new BatchFileError(file, [`it has ${items} items, and a batch at most ${maxItems}; split it into several`]);
}

function unknownField(key: string): string {
  const meant = mostSimilar(key, fields);
  const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
  return `a batch has no field "${key}"${hint}; allowed are ${fields.join(', ')}`;
}

function mappingIn(text: string, file: string): YamlSource & { readonly source: Readonly<Record<string, unknown>> } {
  const read = yamlSource(text);
  if ('issue' in read) throw new BatchFileError(file, [read.issue]);
  const { source, placeOf } = read;
  if (isMapping(source)) return { source, placeOf };
  throw new BatchFileError(file, [`it must be a mapping with "job", and "items" or "matrix"`]);
}

function wholeNumber(field: string, value: unknown, least: number): readonly string[] {
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= least)) return [];
  return [`${field} must be a whole number of at least ${least}, not ${JSON.stringify(value)}`];
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
