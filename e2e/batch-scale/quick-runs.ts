/** The batch, with runs that end as soon as they begin. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { JobOrder } from '../src/workflow-api.ts';

export { runBatch, runBatchPart } from '../src/workflows/run-batch.ts';

export async function runJob({ job }: JobOrder): Promise<{ outcome: string; exitCode: number; dollars: number }> {
  const { END = '0' } = job.env;
  if (END !== '0') throw ApplicationFailure.nonRetryable(END, 'never-ready', { dollars: 1, phases: [] });
  return { outcome: 'succeeded', exitCode: 0, dollars: 1 };
}
