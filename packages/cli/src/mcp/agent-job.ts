import { join } from 'node:path';
import { type Job, parseJob, secretNamesOf } from '@gpu-clouds/jobs';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Policy } from './agent.ts';
import type { Terms } from './quotes.ts';

/**
 * Checks the content of a job file that an agent sent. Without a maximum cost of its own, the job gets the one of the server.
 * @throws {JobError} when the job is invalid
 * @throws {CliError} when it uses what the server was not started with
 */
export function agentJob(source: Readonly<Record<string, unknown>>, policy: Policy): Job {
  const job = withMaxCost(parsed(source, policy.uploadFolders), policy);
  checkUse(job, policy);
  return job;
}

/**
 * Checks the job of a quote, which another server of the same account may have made, with other options.
 * @throws {CliError} when it uses what this server was not started with
 */
export function checkQuoted(job: Job, { uploadsFrom }: Terms, policy: Policy): void {
  checkUse(job, policy);
  if (!uploadsOf(job).some(({ input }) => input !== undefined)) return;
  if (uploadsFrom !== undefined && policy.uploadFolders.includes(uploadsFrom)) return;
  throw denied(
    'The job may not use the files of this quote',
    'restarts the server with --allow-upload and their folder',
  );
}

/** Returns the allowed folder that a checked job uploads files from. */
export function uploadsFromOf(job: Job): string | undefined {
  return job.mode === 'instance' && uploadsOf(job).some(isLocal) ? job.files.folder : undefined;
}

function checkUse(job: Job, { secrets }: Policy): void {
  checkBuckets(job);
  const refused = secretNamesOf(job).filter((name) => !secrets.includes(name));
  if (refused.length === 0) return;
  throw denied(`The job may not use ${refused.join(', ')}`, `restarts the server with --secrets ${refused.join(',')}`);
}

/** Tries the allowed folders one after the other. `parseJob` refuses paths that lead out of the folder, also by links. */
function parsed(source: Readonly<Record<string, unknown>>, folders: readonly string[]): Job {
  const text = JSON.stringify(source);
  let failure: unknown;
  for (const folder of folders) {
    try {
      return withoutForeignInputs(parseJob(text, join(folder, 'job')));
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  const job = withoutForeignInputs(parseJob(text, 'job'));
  if (!uploadsOf(job).some(isLocal)) return job;
  throw denied('The job may not upload files', 'restarts the server with --allow-upload and a folder');
}

/** The files of an input are another person's, and the agent knows them by nothing but a hash. */
function withoutForeignInputs(job: Job): Job {
  if (!uploadsOf(job).some(({ input }) => input !== undefined)) return job;
  throw new CliError('The job may not use files.up[].input. Use files.up[].from, a path in an allowed folder.', {
    exitCode: exitCodes.usage,
  });
}

/** They are read and written with the credentials of the worker. */
function checkBuckets(job: Job): void {
  const targets = job.mode === 'instance' ? job.files.down.map(({ to }) => to) : [];
  const bucket = [...uploadsOf(job).map(({ from = '' }) => from), ...targets].find((place) =>
    place.startsWith('s3://'),
  );
  if (bucket === undefined) return;
  throw new CliError(
    `The job may not use ${bucket}. Use https:// with files.up[].sha256, or files in an allowed folder.`,
    {
      exitCode: exitCodes.usage,
    },
  );
}

function uploadsOf(job: Job) {
  return job.mode === 'instance' ? job.files.up : [];
}

function isLocal({ from }: { readonly from?: string | undefined }): boolean {
  return from !== undefined && !/^(https|s3):/.test(from);
}

function withMaxCost(job: Job, { spending }: Policy): Job {
  if (job.limits.maxCost !== undefined || spending === undefined || spending.maxCost === 0) return job;
  const { maxCost } = spending;
  return job.mode === 'instance'
    ? { ...job, limits: { ...job.limits, maxCost } }
    : { ...job, limits: { ...job.limits, maxCost } };
}

function denied(what: string, remedy: string): CliError {
  return new CliError(`${what}. To allow it, the person ${remedy}.`, { exitCode: exitCodes.usage });
}
