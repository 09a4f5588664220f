import { randomBytes } from 'node:crypto';
import { fleetPrefix } from '@gpu-clouds/clouds/pure';
import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
} from '@temporalio/client';
import {
  ApplicationFailure,
  CancelledFailure,
  type SearchAttributePair,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { tooLargeForTemporal } from '../batch-size.ts';
import { contractVersion } from '../contract-version.ts';
import { type FailureKind, failureKindOf } from '../failure-kinds.ts';
import { fleetOf } from '../fleet.ts';
import { InputError } from '../inputs/input-error.ts';
import { type UploadOptions, uploadJobFiles } from '../inputs/upload-inputs.ts';
import type { Job } from '../job/job-schema.ts';
import { billOf } from '../job-bill.ts';
import { type JobBill, type JobPhase, type JobResult, type JobStatus, statusAt } from '../job-status.ts';
import type { RunStore } from '../runs/run-store.ts';
import { searchAttributes } from '../search-attributes.ts';
import {
  type JobMemo,
  type JobOrder,
  type ScheduledOrder,
  stopSignalName,
  taskQueues,
  workflowNames,
} from '../workflow-api.ts';
import { orNotFound, whileItRuns } from './described.ts';
import { jobFacts } from './job-status-query.ts';
import { checkOnLease } from './lease-use.ts';
import { mayHaveStarted, uncertainStart } from './uncertain-start.ts';
import { type WatchOptions, watchJob } from './watch-job.ts';

/** Options of {@link startJob}. */
export interface StartJobOptions {
  /** Id of the run: up to 60 letters, digits, and hyphens. Default: the job's name and six random characters. */
  readonly id?: string | undefined;
  /** The fleet that the instances belong to. It must be the worker's own fleet. Default: derived from the Temporal namespace. */
  readonly fleet?: string | undefined;
  /** Accounts of the budget that the cost counts to, in addition to the fleet's. Set their limits with `setBudget`. Default: none. */
  readonly budgetAccounts?: readonly string[] | undefined;
  /** The run store of the workers. Workers with another store refuse the run. Required if the job uploads files. */
  readonly runs?: RunStore | undefined;
  /** How to upload the job's files. */
  readonly uploads?: UploadOptions | undefined;
  /** Tags of the run, which `listJobs` returns. Default: none. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Whether to set search attributes, such as phase and vendor. Call `registerSearchAttributes` once first. Default: false. */
  readonly searchable?: boolean | undefined;
  /**
   * A lease to run on, such as `leaseInstance` returns: nothing is rented. Runs on one lease share its GPUs by `resources.count`, and wait for
   * each other if there are not enough. Default: the run rents instances of its own.
   */
  readonly on?: { readonly id: string } | undefined;
}

/** One run of a job. */
export interface JobHandle {
  /** Id of the run and of its workflow. Pass it to {@link jobHandle} to get this handle again, or to a run store to read output and files. */
  readonly id: string;
  /**
   * Returns the current status of the run. If no worker answers within 5 seconds, it has only what Temporal itself knows: no
   * instances and no costs.
   * @throws {JobNotFoundError} There is no such run.
   */
  status(): Promise<JobStatus>;
  /**
   * Yields the status now and after each change, until the run has ended and its instances are gone.
   * @throws {JobNotFoundError} There is no such run.
   */
  watch(options?: WatchOptions): AsyncIterable<JobStatus>;
  /**
   * Waits until the run has ended and its instances are gone. The instance of a lease stays.
   * @throws {JobFailedError} The run failed before its command ended, or was cancelled.
   * @throws {JobNotFoundError} There is no such run.
   */
  result(): Promise<JobResult>;
  /**
   * Requests that the run ends its command (SIGTERM, then SIGKILL after `limits.maxStop`), copies back its files, and destroys its
   * instances. The outcome is `stopped`. Returns at once; use `result` or `watch` to wait.
   * @throws {JobNotFoundError} There is no such run, or it has ended.
   */
  stop(): Promise<void>;
  /**
   * Requests that the run kills its command and destroys its instances now, without copying files back. Returns at once; use `result`
   * or `watch` to wait.
   * @throws {JobNotFoundError} There is no such run, or it has ended.
   */
  cancel(): Promise<void>;
}

/** The run ended without a result. The message says why. */
export class JobFailedError extends Error {
  override readonly name = 'JobFailedError';
  /** Why it failed. */
  readonly kind: FailureKind;
  /** What the run cost. Absent if it was cancelled (`status()` has the cost then), terminated, or timed out. */
  readonly bill?: JobBill | undefined;

  constructor(
    message: string,
    kind: FailureKind,
    options: ErrorOptions & { readonly bill?: JobBill | undefined } = {},
  ) {
    super(message, options);
    this.kind = kind;
    if (options.bill !== undefined) this.bill = options.bill;
  }
}

/** The id of a run or batch is invalid or already taken. */
export class JobIdError extends Error {
  override readonly name = 'JobIdError';
}

/** The namespace lacks the search attributes that a `searchable` job needs. */
export class SearchAttributesError extends Error {
  override readonly name = 'SearchAttributesError';
}

const firstPhase: JobPhase = 'finding-offers';
export const unpreparedNamespace =
  'The Temporal namespace lacks the search attributes of gpu-clouds. Call registerSearchAttributes once, or start without `searchable`.';

/**
 * Uploads the job's files to the run store, starts a run of the job, and returns as soon as Temporal has recorded it. Each id can be used
 * only once.
 * @throws {InputError} A file is missing or cannot be uploaded, or the job is too large for Temporal. Nothing was started.
 * @throws {RunStoreError} The run store fails. Nothing was started.
 * @throws {JobIdError} The id is invalid or taken. Nothing was started.
 * @throws {RangeError} No fleet can have the name `fleet`. Nothing was started.
 * @throws {LeaseError} `on` is no lease, has ended, or does not meet the job. Nothing was started.
 * @throws {SearchAttributesError} `searchable` is set, but the namespace lacks the search attributes. Nothing was started.
 * @throws {UncertainStartError} Temporal did not answer, so the run may have started. Start it again with the same id.
 */
export async function startJob(client: Client, local: Job, options: StartJobOptions = {}): Promise<JobHandle> {
  const id = options.id ?? `${local.name}-${randomBytes(3).toString('hex')}`;
  checkRunId(id);
  if (options.on !== undefined) await checkOnLease(client, local, options.on);
  const { order, start } = await startOf(client, local, options);
  try {
    await client.workflow.start(workflowNames.job, {
      ...start,
      workflowId: id,
      args: [{ ...order, id, lease: options.on?.id } satisfies JobOrder],
      // A run's instances and folder are named after its id.
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    });
  } catch (error) {
    if (isUnknownAttribute(error)) throw new SearchAttributesError(unpreparedNamespace, { cause: error });
    if (mayHaveStarted(error)) throw uncertainStart('run', id, 'gpu-clouds ps', error);
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new JobIdError(`A run "${id}" already exists. Choose another id.`);
  }
  return jobHandle(client, id);
}

/**
 * Checks the form of a run's id without asking Temporal.
 * @throws {JobIdError} The id is invalid.
 */
export function checkRunId(id: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9-]{0,59}$/.test(id)) return;
  throw new JobIdError(
    `"${id}" cannot be a run's id. Use up to 60 letters, digits, and hyphens, and start with a letter or digit.`,
  );
}

/** Uploads the job's files, and returns with what runs of the job start, all but the id. */
export async function startOf(
  client: Client,
  local: Job,
  options: Omit<StartJobOptions, 'id' | 'on'> & { readonly schedule?: string },
) {
  const tooLarge = tooLargeForTemporal(local);
  if (tooLarge !== undefined) throw new InputError(tooLarge);
  const fleet = await fleetOf(client, options.fleet);
  // Throws for a name that workers would refuse once the run has started.
  fleetPrefix(fleet);
  const store = await options.runs?.id();
  const job = await uploadJobFiles(options.runs, local, options.uploads);
  const { budgetAccounts, tags, schedule, searchable = false } = options;
  const order: ScheduledOrder = {
    fleet,
    job,
    store,
    budgetAccounts,
    contract: contractVersion,
    searchable: searchable || undefined,
  };
  const { nodes } = job.resources;
  const memo: JobMemo = { name: job.name, fleet, nodes, inputs: inputsOf([job]), schedule, tags };
  const attributes: SearchAttributePair[] = [
    { key: searchAttributes.phase, value: firstPhase },
    { key: searchAttributes.nodes, value: nodes },
  ];
  const start = {
    taskQueue: taskQueues.workflows,
    memo: { ...memo },
    staticSummary: `Job ${job.name}`,
    typedSearchAttributes: searchable ? attributes : [],
  };
  return { order, memo, start };
}

/** Returns the ids of the inputs that the jobs use. */
export function inputsOf(jobs: readonly Job[]): readonly string[] {
  const entries = jobs.flatMap((job) => (job.mode === 'instance' ? job.files.up : []));
  const ids = new Set(entries.flatMap(({ input }) => input ?? []));
  return [...ids];
}

/** Returns a handle of the run with this id. Sends no request: if there is no such run, the methods of the handle throw. */
export function jobHandle(client: Client, id: string): JobHandle {
  return {
    id,
    status: async () => statusAt(await jobFacts(client, id), Date.now()),
    watch: (options) => watchJob(client, id, options),
    result: async () => orNotFound(id, resultOf(client, id)),
    stop: () => stopJob(client, id),
    cancel: () => cancelJob(client, id),
  };
}

/**
 * Requests that a run ends its command, copies back its files, and destroys its instances. A run whose command has not begun ends
 * with a `JobFailedError` of the kind `stopped`. Returns at once.
 * @throws {JobNotFoundError} There is no such run, or it has ended.
 */
export async function stopJob(client: Client, id: string): Promise<void> {
  await whileItRuns(client, id, 'run', () => client.workflow.getHandle(id).signal(stopSignalName));
}

/**
 * Requests that a run kills its command and destroys its instances now, without copying files back. Returns at once.
 * @throws {JobNotFoundError} There is no such run, or it has ended.
 */
export async function cancelJob(client: Client, id: string): Promise<void> {
  await whileItRuns(client, id, 'run', () => client.workflow.getHandle(id).cancel());
}

async function resultOf(client: Client, id: string): Promise<JobResult> {
  try {
    return await client.workflow.getHandle(id).result();
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw failureOf(id, error);
  }
}

/** Returns the error that a client throws for a failed run or batch. */
export function failureOf(id: string, error: WorkflowFailedError, what = 'run'): JobFailedError {
  const { cause } = error;
  const options = { cause: error };
  if (cause instanceof ApplicationFailure) {
    return new JobFailedError(cause.message, failureKindOf(cause.type), { ...options, bill: billOf(cause) });
  }
  if (cause instanceof CancelledFailure)
    return new JobFailedError(`The ${what} ${id} was cancelled.`, 'cancelled', options);
  if (cause instanceof TerminatedFailure)
    return new JobFailedError(`The ${what} ${id} was terminated.`, 'terminated', options);
  if (cause instanceof TimeoutFailure)
    return new JobFailedError(`The ${what} ${id} exceeded its Temporal execution timeout.`, 'timed-out', options);
  return new JobFailedError(cause?.message ?? error.message, 'failed', options);
}

export function isUnknownAttribute(error: unknown): boolean {
  return error instanceof ServiceError && isGrpcServiceError(error.cause) && mentionsAttribute(error.cause.details);
}

function mentionsAttribute(text: string): boolean {
  return Object.values(searchAttributes).some(({ name }) => text.includes(name));
}
