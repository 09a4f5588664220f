/** The batch with a job that takes a moment and ends as its environment says. */

import type { JobOrder } from '@gpu-clouds/jobs/contract';
import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';

export { runBatch, runBatchPart } from '../src/workflows/run-batch.ts';

const { work } = proxyActivities<{ work(id: string): Promise<void> }>({ startToCloseTimeout: '1m' });

export async function runJob({ id, job }: JobOrder): Promise<{ outcome: string; exitCode: number; dollars: number }> {
  await work(id);
  const { END = '0' } = job.env;
  if (END === 'throws') {
    throw ApplicationFailure.create({
      type: 'no-offer',
      message: 'Nobody has one.',
      nonRetryable: true,
      details: [{ dollars: 2, phases: [] }],
    });
  }
  return { outcome: END === '0' ? 'succeeded' : 'failed', exitCode: Number(END), dollars: 1 };
}
