import { randomBytes } from 'node:crypto';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowFailedError } from '@temporalio/client';
import { fitsTemporal } from '../batch-size.ts';
import type { BatchItemResult, BatchOrder, BatchResult, BatchStatus } from '../batch-status.ts';
import { type BatchItem, jobOfItem } from '../job/batch-item.ts';
import { jobSchema } from '../job/checked-job-schema.ts';
import { describeIssue } from '../job/job-issues.ts';
import type { Job } from '../job/job-schema.ts';
import { searchAttributes } from '../search-attributes.ts';
import { drainSignalName, type JobMemo, taskQueues, workflowNames } from '../workflow-api.ts';
import { batchResults, batchStatus } from './batch-queries.ts';
import { orNotFound, whileItRuns } from './described.ts';
import { failureOf, isUnknownAttribute, JobIdError, SearchAttributesError, unpreparedNamespace } from './job-client.ts';
import { mayHaveStarted, uncertainStart } from './uncertain-start.ts';

/** How {@link startBatch} starts a batch: its id, how many runs at a time, and after how many failures it gives up. */
export interface StartBatchOptions {
  /** Id of the batch: up to 50 letters, digits and hyphens. Item 7 is the run `<id>-7`. Default: the job's name and six random characters. */
  readonly id?: string;
  /** Whose instances they are; the worker's own fleet has to be the same. Default `default`. */
  readonly fleet?: string;
  /** Runs at a time, 1 to 1000. Default 10. */
  readonly window?: number;
  /** With more failed items than this, no further ones are started; those that run go on. Default: all are started. */
  readonly maxFailures?: number;
  /** Lets Temporal be searched for the runs, by batch too. The namespace needs `registerSearchAttributes` first. Default false. */
  readonly searchable?: boolean;
}

/** Many runs of one job. */
export interface BatchHandle {
  /** Of the batch, and of its workflow: {@link batchHandle} finds it again by this. */
  readonly id: string;
  /** How the items stand now. @throws JobNotFoundError, and NoWorkerError while it runs and there is nobody to ask. */
  status(): Promise<BatchStatus>;
  /** The items that have ended so far, in their order. @throws JobNotFoundError, and NoWorkerError when there is nobody to ask. */
  results(): Promise<readonly BatchItemResult[]>;
  /**
   * Waits until all items have ended and their instances are gone. Items that failed are told in the result.
   * @throws JobFailedError when the batch was cancelled or terminated.
   * @throws JobNotFoundError
   */
  result(): Promise<BatchResult>;
  /** Starts no further items; those that run go on. Returns at once. @throws JobNotFoundError when it has ended, too. */
  drain(): Promise<void>;
  /** Cancels all runs of the batch. Returns at once; wait with `result`. @throws JobNotFoundError when it has ended, too. */
  cancel(): Promise<void>;
}

/** A batch cannot be started as it is. The message says why. */
export class BatchError extends Error {
  override readonly name = 'BatchError';
}

/** Beyond this, one workflow starts runs too slowly. */
const partSize = 500;
/** About twelve events each: far below Temporal's limit of 51,200. */
const runsPerHistory = 1000;
const mostItems = 5000;

/**
 * Starts a job as often as there are items, each with what the item has otherwise, a window of them at a time. Returns as soon as Temporal
 * has it.
 * @throws BatchError, JobIdError, and SearchAttributesError: then nothing was started.
 * @throws UncertainStartError when Temporal did not answer, with the batch's id: start it again under that one.
 */
export async function startBatch(
  client: Client,
  job: Job,
  items: readonly BatchItem[],
  options: StartBatchOptions = {},
): Promise<BatchHandle> {
  const { fleet = 'default', window = 10, maxFailures, searchable = false } = options;
  const id = options.id ?? `${job.name}-${randomBytes(3).toString('hex')}`;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,49}$/.test(id)) {
    throw new JobIdError(`"${id}" cannot be a batch's id: use up to 50 letters, digits and hyphens.`);
  }
  if (!Number.isInteger(window) || window < 1 || window > 1000) {
    throw new BatchError(`A batch runs 1 to 1000 items at a time, not ${window}.`);
  }
  if (maxFailures !== undefined && (!Number.isInteger(maxFailures) || maxFailures < 0)) {
    throw new BatchError(`maxFailures is a whole number from 0 on, not ${maxFailures}.`);
  }
  checkItems(job, items);
  const order: BatchOrder = {
    id,
    fleet,
    job,
    items: items.map((item, index) => ({ index, item })),
    window,
    partSize,
    runsPerHistory,
    ...(maxFailures === undefined ? {} : { maxFailures }),
    ...(searchable ? { searchable } : {}),
  };
  if (!fitsTemporal(order)) {
    throw new BatchError(
      'The job and its items are larger than Temporal takes: make several batches, or put what is large into files.',
    );
  }
  const memo: JobMemo = { name: job.name, fleet };
  try {
    await client.workflow.start(workflowNames.batch, {
      workflowId: id,
      taskQueue: taskQueues.workflows,
      args: [order],
      memo: { ...memo },
      staticSummary: `${items.length} × ${job.name}`,
      ...(searchable ? { typedSearchAttributes: [{ key: searchAttributes.batch, value: id }] } : {}),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    });
  } catch (error) {
    if (searchable && isUnknownAttribute(error)) throw new SearchAttributesError(unpreparedNamespace, { cause: error });
    if (mayHaveStarted(error)) throw uncertainStart('batch', id, 'gpu-clouds batch list', error);
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new JobIdError(`There is a batch or run "${id}" already: choose another id.`);
  }
  return batchHandle(client, id);
}

/** A batch by its id. Asks nobody: an unknown id shows when the handle is used. */
export function batchHandle(client: Client, id: string): BatchHandle {
  const workflow = client.workflow.getHandle(id);
  return {
    id,
    status: () => batchStatus(client, id),
    results: () => batchResults(client, id),
    async result() {
      try {
        return await orNotFound(id, workflow.result(), 'batch');
      } catch (error) {
        throw error instanceof WorkflowFailedError ? failureOf(id, error, 'batch') : error;
      }
    },
    drain: () => whileItRuns(client, id, 'batch', () => workflow.signal(drainSignalName)),
    cancel: () => whileItRuns(client, id, 'batch', () => workflow.cancel()),
  };
}

function checkItems(job: Job, items: readonly BatchItem[]): void {
  if (items.length === 0) throw new BatchError('A batch needs at least one item.');
  if (items.length > mostItems) {
    throw new BatchError(`A batch has at most ${mostItems} items, not ${items.length}: make several.`);
  }
  for (const [index, item] of items.entries()) {
    const source = jobOfItem(job, item);
    const { error } = jobSchema.safeParse(source);
    const [issue] = error?.issues ?? [];
    if (issue !== undefined) throw new BatchError(`Item ${index}: ${describeIssue(issue, source)}.`);
  }
}
