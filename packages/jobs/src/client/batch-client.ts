import { randomBytes } from 'node:crypto';
import { fleetPrefix } from '@gpu-clouds/clouds/pure';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowFailedError } from '@temporalio/client';
import { fitsTemporal } from '../batch-size.ts';
import type { BatchItemResult, BatchOrder, BatchResult, BatchStatus } from '../batch-status.ts';
import { contractVersion } from '../contract-version.ts';
import { fleetOf } from '../fleet.ts';
import { JobUploads, type UploadOptions } from '../inputs/upload-inputs.ts';
import { type BatchItem, jobOfItem, maxItems } from '../job/batch-item.ts';
import { describeIssue } from '../job/job-issues.ts';
import { type Job, type JobFiles, jobSchema } from '../job/job-schema.ts';
import type { RunStore } from '../runs/run-store.ts';
import { searchAttributes } from '../search-attributes.ts';
import { drainSignalName, type JobMemo, taskQueues, workflowNames } from '../workflow-api.ts';
import { batchResults, batchStatus } from './batch-queries.ts';
import { orNotFound, whileItRuns } from './described.ts';
import {
  failureOf,
  inputsOf,
  isUnknownAttribute,
  JobIdError,
  SearchAttributesError,
  unpreparedNamespace,
} from './job-client.ts';
import { mayHaveStarted, uncertainStart } from './uncertain-start.ts';

/** Options of {@link startBatch}. */
export interface StartBatchOptions {
  /** Id of the batch: up to 50 letters, digits, and hyphens. Item 7 is the run `<id>-7`. Default: the job's name and six random characters. */
  readonly id?: string | undefined;
  /** The fleet that the instances belong to. It must be the worker's own fleet. Default: derived from the Temporal namespace. */
  readonly fleet?: string | undefined;
  /** Accounts of the budget that the cost counts to, in addition to the fleet's. Set their limits with `setBudget`. Default: none. */
  readonly budgetAccounts?: readonly string[] | undefined;
  /** Maximum number of runs at the same time, 1 to 1000. Default: 10. */
  readonly window?: number | undefined;
  /** Once more items than this have failed, no further items start; running items continue. 0 or more. Default: all items start. */
  readonly maxFailures?: number | undefined;
  /** The run store of the workers, as in `startJob`. Required if the job or an item uploads files. */
  readonly runs?: RunStore | undefined;
  /** How to upload the files of the job and its items. */
  readonly uploads?: UploadOptions | undefined;
  /** Whether to set search attributes on the batch and its runs. Call `registerSearchAttributes` once first. Default: false. */
  readonly searchable?: boolean | undefined;
}

/** Many runs of one job. */
export interface BatchHandle {
  /** Id of the batch and of its workflow. Pass it to {@link batchHandle} to get this handle again. */
  readonly id: string;
  /**
   * Returns the number of items in each state.
   * @throws {JobNotFoundError} There is no such batch.
   * @throws {NoWorkerError} The batch has no result yet, and no worker answers within 5 seconds.
   */
  status(): Promise<BatchStatus>;
  /**
   * Returns the results of the items that have ended so far, in the order of the items.
   * @throws {JobNotFoundError} There is no such batch.
   * @throws {NoWorkerError} The batch has no result yet, and no worker answers within 5 seconds.
   */
  results(): Promise<readonly BatchItemResult[]>;
  /**
   * Waits until all items have ended and their instances are gone. The result includes the failed items.
   * @throws {JobFailedError} The batch was cancelled or terminated.
   * @throws {JobNotFoundError} There is no such batch.
   */
  result(): Promise<BatchResult>;
  /**
   * Requests that no further items start; running items continue. Returns at once.
   * @throws {JobNotFoundError} There is no such batch, or it has ended.
   */
  drain(): Promise<void>;
  /**
   * Cancels all runs of the batch. Returns at once; use `result` to wait.
   * @throws {JobNotFoundError} There is no such batch, or it has ended.
   */
  cancel(): Promise<void>;
}

/** A batch has invalid items or options. The message says which. */
export class BatchError extends Error {
  override readonly name = 'BatchError';
}

/** With more items than this, one workflow starts runs too slowly. */
const partSize = 500;
/** A run takes about 12 history events, so that a history stays far below Temporal's limit of 51,200. */
const runsPerHistory = 1000;

/**
 * Uploads the files of the job and its items to the run store, and starts one run of the job for each item, with the item's changes applied,
 * at most `window` runs at the same time. Returns as soon as Temporal has recorded the batch.
 * @throws {InputError} A file is missing or cannot be uploaded. Nothing was started.
 * @throws {RunStoreError} The run store fails. Nothing was started.
 * @throws {BatchError} The items or options are invalid. Nothing was started.
 * @throws {JobIdError} The id is invalid or taken. Nothing was started.
 * @throws {RangeError} No fleet can have the name `fleet`. Nothing was started.
 * @throws {SearchAttributesError} `searchable` is set, but the namespace lacks the search attributes. Nothing was started.
 * @throws {UncertainStartError} Temporal did not answer, so the batch may have started. Start it again with the same id.
 */
export async function startBatch(
  client: Client,
  localJob: Job,
  localItems: readonly BatchItem[],
  options: StartBatchOptions = {},
): Promise<BatchHandle> {
  const { window = 10, maxFailures, searchable = false } = options;
  const fleet = await fleetOf(client, options.fleet);
  // Throws for a name that workers would refuse once the batch has started.
  fleetPrefix(fleet);
  const id = options.id ?? `${localJob.name}-${randomBytes(3).toString('hex')}`;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,49}$/.test(id)) {
    throw new JobIdError(
      `"${id}" cannot be a batch's id. Use up to 50 letters, digits, and hyphens, and start with a letter or digit.`,
    );
  }
  if (!Number.isInteger(window) || window < 1 || window > 1000) {
    throw new BatchError(`A batch runs 1 to 1000 items at a time, not ${window}.`);
  }
  if (maxFailures !== undefined && (!Number.isInteger(maxFailures) || maxFailures < 0)) {
    throw new BatchError(`maxFailures must be a whole number of at least 0, not ${maxFailures}.`);
  }
  checkItems(localJob, localItems);
  const { job, items } = await withInputs(localJob, localItems, options);
  const order: BatchOrder = {
    id,
    fleet,
    job,
    items: items.map((item, index) => ({ index, item })),
    window,
    partSize,
    runsPerHistory,
    maxFailures,
    store: await options.runs?.id(),
    budgetAccounts: options.budgetAccounts,
    contract: contractVersion,
    searchable: searchable || undefined,
  };
  if (!fitsTemporal(order)) {
    throw new BatchError(
      'The job and its items are larger than Temporal accepts. Split them into several batches, or move large values into files.',
    );
  }
  const memo: JobMemo = { name: job.name, fleet, inputs: inputsOf(items.map((item) => jobOfItem(job, item))) };
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
    throw new JobIdError(`A batch or run "${id}" already exists. Choose another id.`);
  }
  return batchHandle(client, id);
}

/** Returns a handle of the batch with this id. Sends no request: if there is no such batch, the methods of the handle throw. */
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

async function withInputs(
  job: Job,
  items: readonly BatchItem[],
  { runs, uploads: how }: StartBatchOptions,
): Promise<{ readonly job: Job; readonly items: readonly BatchItem[] }> {
  if (job.mode !== 'instance') return { job, items };
  const uploads = new JobUploads(runs, how);
  // Items without files of their own have the job's.
  const needsFiles = items.some((item) => filesOf(item) === undefined);
  const files = needsFiles ? await uploads.files(job.files) : { up: [], down: job.files.down };
  const uploaded: BatchItem[] = [];
  for (const item of items) {
    const own = filesOf(item);
    uploaded.push(own === undefined ? item : { ...item, files: await uploads.files(own) });
  }
  return { job: { ...job, files }, items: uploaded };
}

function filesOf(item: BatchItem): JobFiles | undefined {
  return 'files' in item ? item.files : undefined;
}

function checkItems(job: Job, items: readonly BatchItem[]): void {
  if (items.length === 0) throw new BatchError('A batch needs at least one item.');
  if (items.length > maxItems) {
    throw new BatchError(`A batch has at most ${maxItems} items, not ${items.length}. Split it into several batches.`);
  }
  for (const [index, item] of items.entries()) {
    const source = jobOfItem(job, item);
    const { error } = jobSchema.safeParse(source);
    const [issue] = (error?.issues ?? []).flatMap((each) => describeIssue(each, source));
    if (issue !== undefined) throw new BatchError(`Item ${index}: ${issue}.`);
  }
}
