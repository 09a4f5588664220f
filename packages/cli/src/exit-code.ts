import type { JobResult } from '@gpu-clouds/jobs';

/** Exit code of a failure that has no exit code of its own. */
const failure = 1;

/**
 * Returns the exit code of a run, which is that of its command. It is 0 only when the run succeeded: a stopped run whose command exited with 0
 * is a failure. A value that is not a process exit code comes from a worker of another version and is a failure too.
 */
export function exitCodeOf({ outcome, exitCode }: Pick<JobResult, 'outcome' | 'exitCode'>): number {
  if (outcome === 'succeeded' && exitCode === 0) return 0;
  return Number.isInteger(exitCode) && exitCode > 0 && exitCode <= 255 ? exitCode : failure;
}
