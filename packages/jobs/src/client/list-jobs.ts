import type { Client } from '@temporalio/client';
import type { BatchState } from '../batch-status.ts';
import { workflowNames } from '../workflow-api.ts';
import { batchStatus } from './batch-queries.ts';
import {
  concurrently,
  isLive,
  type JobSummary,
  jobSummaryOf,
  type ListOptions,
  newestOf,
  summaryOf,
} from './list-workflows.ts';
import { runEnd } from './run-end.ts';

/** One entry of {@link listBatches}. */
export interface BatchSummary extends Omit<JobSummary, 'state' | 'batch' | 'schedule' | 'tags'> {
  /** `running`, or how the batch ended. */
  readonly state: BatchState;
}

/** Yields the runs that Temporal still has, newest first. New runs may take about a second to appear. */
export async function* listJobs(
  client: Client,
  options: ListOptions = {},
): AsyncGenerator<JobSummary, void, undefined> {
  yield* concurrently(newestOf(client, workflowNames.job, options), async (info) => {
    const state = isLive(info) ? 'running' : (await runEnd(client, info.workflowId, info.status.name)).outcome;
    return { ...jobSummaryOf(info), state };
  });
}

/** Yields the batches that Temporal still has, newest first. New batches may take about a second to appear. */
export async function* listBatches(
  client: Client,
  options: ListOptions = {},
): AsyncGenerator<BatchSummary, void, undefined> {
  yield* concurrently(newestOf(client, workflowNames.batch, options), async (info) => {
    const state = isLive(info) ? 'running' : (await batchStatus(client, info.workflowId)).state;
    return { ...summaryOf(info), state };
  });
}
