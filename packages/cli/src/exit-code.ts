import type { JobResult } from '@gpu-clouds/jobs';

/** Says nothing but that it failed. */
const failure = 1;

/**
 * The exit code that tells how a run ended: that of its command. 0 only when the run succeeded: a run that was stopped did not, whatever its
 * command ended with. What is no exit code of a process comes from a worker of another version, and is a failure.
 */
export function exitCodeOf({ outcome, exitCode }: Pick<JobResult, 'outcome' | 'exitCode'>): number {
  if (outcome === 'succeeded' && exitCode === 0) return 0;
  return Number.isInteger(exitCode) && exitCode > 0 && exitCode <= 255 ? exitCode : failure;
}
