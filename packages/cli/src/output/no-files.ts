import type { JobResult, JobStatus } from '@gpu-clouds/jobs';
import { CliError, exitCodes } from '../cli-error.ts';
import { activityOf } from './job-progress.ts';

/** What Temporal knows of a run without files in the run store. */
export type RunWithoutFiles =
  | { readonly temporal: 'unreachable' | 'no such run' }
  | { readonly status: JobStatus; readonly result?: Pick<JobResult, 'outputs' | 'sent'> | undefined };

/**
 * Returns a note for a run that has ended and brought back no files.
 * @throws {CliError} when there is no such run, it has not ended, or its files are elsewhere
 */
export function noFilesNote(id: string, run: RunWithoutFiles): string {
  if ('temporal' in run) {
    const message =
      run.temporal === 'no such run'
        ? `There is no run "${id}". Run "gpu-clouds ps --all" to list runs.`
        : `The run store has no files of "${id}". Either the run has none or has not ended, or GPU_CLOUDS_RUNS differs from the worker's: set it to the same value.`;
    throw new CliError(message, { exitCode: exitCodes.notFound });
  }
  const { status, result: { outputs = [], sent = [] } = {} } = run;
  if (status.phase !== 'finished')
    throw new CliError(
      `${id} has not ended: ${activityOf(status)}. Its files come back at its end. Wait for it with "gpu-clouds wait ${id}".`,
    );
  if (outputs.length > 0) {
    const lost = outputs.length === 1 ? 'the file' : `the ${outputs.length} files`;
    throw new CliError(
      `The run store lacks ${lost} that ${id} brought back. Set GPU_CLOUDS_RUNS to the same value as the worker's, unless GPU_CLOUDS_KEEP has removed what is old.`,
    );
  }
  const elsewhere = sent.map(({ to }) => ` It sent files to ${to}.`).join('');
  return `${id} has ended and brought back no files.${elsewhere}`;
}
