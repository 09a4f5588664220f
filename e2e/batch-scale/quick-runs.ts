/** The batch workflows, with runs that end immediately. */

import type { JobOrder } from '@gpu-clouds/jobs/contract';
import { ApplicationFailure } from '@temporalio/workflow';

export { runBatch, runBatchPart } from '@gpu-clouds/workflows/workflows';

/** Succeeds, or fails with the message in `END` unless that is `0`. */
export async function runJob({ job }: JobOrder): Promise<{ outcome: string; exitCode: number; dollars: number }> {
  const { END = '0' } = job.env;
  if (END !== '0') throw ApplicationFailure.nonRetryable(END, 'never-ready', { dollars: 1, phases: [] });
  return { outcome: 'succeeded', exitCode: 0, dollars: 1 };
}
