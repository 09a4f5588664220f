import { randomBytes } from 'node:crypto';
import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import type { Job } from '../job/job-schema.ts';
import { billOf } from '../job-bill.ts';
import { type JobBill, type JobPhase, type JobResult, type JobStatus, statusAt } from '../job-status.ts';
import { searchAttributes } from '../search-attributes.ts';
import { type JobMemo, type JobOrder, stopSignalName, taskQueues, workflowNames } from '../workflow-api.ts';
import { orNotFound, whileItRuns } from './described.ts';
import { jobFacts } from './job-status-query.ts';
import { mayHaveStarted, uncertainStart } from './uncertain-start.ts';
import { type WatchOptions, watchJob } from './watch-job.ts';

/** How {@link startJob} starts a job: under which id and fleet, and whether Temporal can be searched for it. */
export interface StartJobOptions {
  /** Id of the run: letters, digits and hyphens. Default: the job's name and six random characters. */
  readonly id?: string;
  /** Whose instances they are; the worker's own fleet has to be the same. Default `default`. */
  readonly fleet?: string;
  /** Lets Temporal be searched for the run by phase and cloud. The namespace needs `registerSearchAttributes` first. Default false. */
  readonly searchable?: boolean;
}

/** One run of a job. */
export interface JobHandle {
  /** Of the run, and of its workflow: {@link jobHandle} finds it again by this. Its output and files are kept under it. */
  readonly id: string;
  /**
   * How the run stands now. Where no worker answers within 5 seconds, only what Temporal itself knows: no instances, no costs.
   * @throws JobNotFoundError
   */
  status(): Promise<JobStatus>;
  /** Each change until the run has ended and its instances are gone. @throws JobNotFoundError */
  watch(options?: WatchOptions): AsyncIterable<JobStatus>;
  /**
   * Waits until the run has ended and its instances are gone.
   * @throws JobFailedError when it failed before its command ended, or was cancelled.
   * @throws JobNotFoundError
   */
  result(): Promise<JobResult>;
  /**
   * Asks the run to end its command (TERM, then KILL after `limits.maxStop`), to bring back its files and to tear down: the outcome is
   * `stopped`. Returns at once; wait with `result` or `watch`.
   * @throws JobNotFoundError when there is no such run, or it has ended.
   */
  stop(): Promise<void>;
  /**
   * Tells the run to kill its command and tear down, now. Returns at once; wait with `result` or `watch`.
   * @throws JobNotFoundError when there is no such run, or it has ended.
   */
  cancel(): Promise<void>;
}

/** The run ended without a result. The message says why in a sentence. */
export class JobFailedError extends Error {
  override readonly name = 'JobFailedError';
  /** A `CloudErrorKind`, or `no-offer`, `cap-reached`, `setup-failed`, `cancelled`, `terminated`, …. */
  readonly kind: string;
  /** What it cost all the same. Absent of a run that was cancelled, whose `status()` tells, and of one that was ended from outside. */
  readonly bill?: JobBill;

  constructor(message: string, kind: string, options: ErrorOptions & { readonly bill?: JobBill | undefined } = {}) {
    super(message, options);
    this.kind = kind;
    if (options.bill !== undefined) this.bill = options.bill;
  }
}

/** An id of a run is taken, or cannot be one. */
export class JobIdError extends Error {
  override readonly name = 'JobIdError';
}

/** The namespace lacks the search attributes that a `searchable` job needs. */
export class SearchAttributesError extends Error {
  override readonly name = 'SearchAttributesError';
}

const firstPhase: JobPhase = 'finding-offers';
export const unpreparedNamespace =
  'The namespace lacks our search attributes: call registerSearchAttributes once, or start without `searchable`.';

/**
 * Starts a job and returns as soon as Temporal has it. An id is used once only.
 * @throws JobIdError when the id is taken, or cannot be one; then nothing was started.
 * @throws SearchAttributesError when it is to be `searchable` in a namespace that was not prepared for it.
 * @throws UncertainStartError when Temporal did not answer, with the run's id: start it again under that one.
 */
export async function startJob(client: Client, job: Job, options: StartJobOptions = {}): Promise<JobHandle> {
  const id = options.id ?? `${job.name}-${randomBytes(3).toString('hex')}`;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,59}$/.test(id)) {
    throw new JobIdError(`"${id}" cannot be a run's id: use up to 60 letters, digits and hyphens.`);
  }
  const fleet = options.fleet ?? 'default';
  const searchable = options.searchable ?? false;
  const order: JobOrder = { id, fleet, job, ...(searchable ? { searchable } : {}) };
  const memo: JobMemo = { name: job.name, fleet, nodes: job.resources.nodes };
  try {
    await client.workflow.start(workflowNames.job, {
      workflowId: id,
      taskQueue: taskQueues.workflows,
      args: [order],
      memo: { ...memo },
      staticSummary: `Job ${job.name}`,
      ...(searchable
        ? {
            typedSearchAttributes: [
              { key: searchAttributes.phase, value: firstPhase },
              { key: searchAttributes.nodes, value: job.resources.nodes },
            ],
          }
        : {}),
      // A run's machines and folder are named after its id.
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    });
  } catch (error) {
    if (searchable && isUnknownAttribute(error)) throw new SearchAttributesError(unpreparedNamespace, { cause: error });
    if (mayHaveStarted(error)) throw uncertainStart('run', id, 'gpu-clouds ps', error);
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new JobIdError(`There is a run "${id}" already: choose another id.`);
  }
  return jobHandle(client, id);
}

/** A run by its id. Asks nobody: an unknown id shows when the handle is used. */
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
 * Asks a run to end its command, to bring back its files and to destroy its instance. Before the command has begun it ends at once,
 * with a `JobFailedError` of the kind `stopped`. Returns at once.
 * @throws JobNotFoundError when there is no such run, or it has ended.
 */
export async function stopJob(client: Client, id: string): Promise<void> {
  await whileItRuns(client, id, 'run', () => client.workflow.getHandle(id).signal(stopSignalName));
}

/**
 * Tells a run to end now: its command is killed, its files stay where they are, and its instances are destroyed before it ends. Returns at
 * once.
 * @throws JobNotFoundError when there is no such run, or it has ended.
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

/** What a client sees of a failed run or batch. */
export function failureOf(id: string, error: WorkflowFailedError, what = 'run'): JobFailedError {
  const { cause } = error;
  const options = { cause: error };
  if (cause instanceof ApplicationFailure) {
    return new JobFailedError(cause.message, cause.type ?? 'failed', { ...options, bill: billOf(cause) });
  }
  if (cause instanceof CancelledFailure)
    return new JobFailedError(`The ${what} ${id} was cancelled.`, 'cancelled', options);
  if (cause instanceof TerminatedFailure)
    return new JobFailedError(`The ${what} ${id} was terminated.`, 'terminated', options);
  if (cause instanceof TimeoutFailure)
    return new JobFailedError(
      `The ${what} ${id} ran out of the time that Temporal was told to give it.`,
      'timed-out',
      options,
    );
  return new JobFailedError(cause?.message ?? error.message, 'failed', options);
}

export function isUnknownAttribute(error: unknown): boolean {
  return error instanceof ServiceError && isGrpcServiceError(error.cause) && mentionsAttribute(error.cause.details);
}

function mentionsAttribute(text: string): boolean {
  return Object.values(searchAttributes).some(({ name }) => text.includes(name));
}
