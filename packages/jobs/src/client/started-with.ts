import type { Client } from '@temporalio/client';
import type { BatchOrder } from '../batch-status.ts';
import type { BatchItem } from '../job/batch-item.ts';
import type { Job } from '../job/job-schema.ts';
import type { JobOrder } from '../workflow-api.ts';
import { described } from './described.ts';
import { firstValue } from './payloads.ts';

/**
 * Returns the job that a run was started with. Needs no worker.
 * @throws {JobNotFoundError} There is no such run.
 */
export async function jobOfRun(client: Client, id: string): Promise<Job> {
  await described(client, id, 'run');
  return (await inputOf<JobOrder>(client, id)).job;
}

/**
 * Returns the items that a batch was started with, by index. Needs no worker.
 * @throws {JobNotFoundError} There is no such batch.
 */
export async function itemsOfBatch(client: Client, id: string): Promise<ReadonlyMap<number, BatchItem>> {
  await described(client, id, 'batch');
  const { items } = await inputOf<BatchOrder>(client, id);
  return new Map(items.map(({ index, item }) => [index, item]));
}

/** Returns the input of a workflow, which is in the first event of its history. */
export async function inputOf<T>(client: Client, workflowId: string): Promise<T> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const input = await firstValue<T>(client, started?.input?.payloads);
  if (input === undefined) throw new Error(`Temporal has no input of ${workflowId}.`);
  return input;
}
