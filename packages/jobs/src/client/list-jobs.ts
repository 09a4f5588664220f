import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { BatchState } from '../batch-status.ts';
import { type JobOutcome, type JobStatus, statusAt } from '../job-status.ts';
import { workflowNames } from '../workflow-api.ts';
import { batchStatus } from './batch-queries.ts';
import { described } from './described.ts';
import { jobFacts } from './job-status-query.ts';
import { runEnd } from './run-end.ts';

/** One entry of {@link listJobs}. */
export interface JobSummary {
  /** Id of the workflow, for {@link jobHandle} or, if it is a batch, {@link batchHandle}. */
  readonly id: string;
  /** The job's name, which several runs may have. The id if Temporal has no name. */
  readonly name: string;
  /** The fleet that the instances belong to. */
  readonly fleet: string;
  /** Id of the batch that the run is an item of. */
  readonly batch?: string | undefined;
  /** Name of the schedule that started the run. */
  readonly schedule?: string | undefined;
  /** Tags that the run was started with. */
  readonly tags: Readonly<Record<string, string>>;
  /** `running`, or how the run ended. */
  readonly state: 'running' | JobOutcome;
  /** When Temporal recorded the start, which may be before a worker started it. */
  readonly startedAt: Date;
  /** When the workflow ended: after its instances were gone, unless it was terminated. Absent while it runs. */
  readonly endedAt?: Date | undefined;
}

/** One entry of {@link listBatches}. */
export interface BatchSummary extends Omit<JobSummary, 'state' | 'batch' | 'schedule' | 'tags'> {
  /** `running`, or how the batch ended. */
  readonly state: BatchState;
}

/** Filters of {@link listJobs}, {@link listBatches}, and {@link listLeases}. Default: no filter. */
export interface ListOptions {
  /** Only entries of this fleet. Default: all fleets. */
  readonly fleet?: string | undefined;
  /** Only entries that have not ended. Default: false. */
  readonly running?: boolean | undefined;
  /** Only entries that have started since then. Default: all. */
  readonly since?: Date | undefined;
}

/** The statuses of runs that have ended, which no longer change. Pass the same map again, and each is requested once. */
export type EndedStatuses = Map<string, JobStatus>;

/** Yields the runs that Temporal still has, newest first. New runs may take about a second to appear. */
export async function* listJobs(
  client: Client,
  options: ListOptions = {},
): AsyncGenerator<JobSummary, void, undefined> {
  yield* concurrently(newestOf(client, workflowNames.job, options), async (info) => {
    const state = isLive(info) ? 'running' : (await runEnd(client, info.workflowId, info.status.name)).outcome;
    const [batch, schedule] = [textOf(info.memo?.batch), textOf(info.memo?.schedule)];
    return { ...summaryOf(info), state, batch, schedule, tags: tagsOf(info.memo?.tags) };
  });
}

/** One entry of {@link listJobStatuses}. */
export interface ListedJob extends Omit<JobSummary, 'state'> {
  /** The state of the run, as `jobHandle(…).status()` returns it. */
  readonly status: JobStatus;
}

/** Filters of {@link listJobStatuses}. Default: no filter. */
export interface JobStatusFilters extends ListOptions {
  /** Only runs with all these tags. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Only runs in this phase, or with this outcome. */
  readonly state?: string | undefined;
  /** Statuses that are known from earlier calls. Default: none. */
  readonly ended?: EndedStatuses | undefined;
}

/** Yields runs with their status, newest first. Without a worker, each status takes 5 seconds; twenty are requested at the same time. */
export async function* listJobStatuses(
  client: Client,
  { tags = {}, state, ended, ...options }: JobStatusFilters = {},
): AsyncGenerator<ListedJob, void, undefined> {
  const found = concurrently(tagged(newestOf(client, workflowNames.job, options), tags), (info) =>
    listed(client, info, ended),
  );
  for await (const job of found) if (state === undefined || stateOf(job) === state) yield job;
}

/**
 * Returns one run with its status, as {@link listJobStatuses} yields it.
 * @param ended Statuses that are known from earlier calls.
 * @throws {JobNotFoundError} There is no such run.
 */
export async function jobWithStatus(client: Client, id: string, ended?: EndedStatuses): Promise<ListedJob> {
  return listed(client, await described(client, id, 'run'), ended);
}

/** Returns the phase of a run, or its outcome once it has ended. */
export function stateOf({ status }: Pick<ListedJob, 'status'>): string {
  return status.phase === 'finished' ? (status.outcome ?? 'failed') : status.phase;
}

async function* tagged(entries: AsyncIterable<WorkflowExecutionInfo>, tags: JobSummary['tags']) {
  for await (const info of entries) {
    const own = tagsOf(info.memo?.tags);
    if (Object.entries(tags).every(([key, value]) => own[key] === value)) yield info;
  }
}

async function listed(client: Client, info: Info, ended?: EndedStatuses): Promise<ListedJob> {
  const [batch, schedule] = [textOf(info.memo?.batch), textOf(info.memo?.schedule)];
  // A run that was reset has another execution.
  const execution = `${info.workflowId}/${info.runId}`;
  const known = isLive(info) ? undefined : ended?.get(execution);
  const status = known ?? statusAt(await jobFacts(client, info.workflowId), Date.now());
  // Without a worker, the instances are unknown.
  if (status.phase === 'finished' && status.instances.length > 0) ended?.set(execution, status);
  return { ...summaryOf(info), batch, schedule, tags: tagsOf(info.memo?.tags), status };
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

/** Number of entries that are completed at the same time, so that a list does not wait for one answer after the other. */
const concurrency = 20;

/** Yields what `complete` returns for each entry, in order. */
export async function* concurrently<T, R>(
  entries: AsyncIterable<T>,
  complete: (entry: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  let chunk: T[] = [];
  for await (const entry of entries) {
    chunk.push(entry);
    if (chunk.length < concurrency) continue;
    yield* await Promise.all(chunk.map(complete));
    chunk = [];
  }
  yield* await Promise.all(chunk.map(complete));
}

/** Yields the newest execution of each workflow. Temporal lists a workflow that was reset once for each execution. */
export async function* newestOf(client: Client, type: string, { fleet, running = false, since }: ListOptions) {
  const seen = new Set<string>();
  const query = [
    `WorkflowType = '${type}'`,
    ...(running ? ["ExecutionStatus = 'Running'"] : []),
    ...(since === undefined ? [] : [`StartTime >= '${since.toISOString()}'`]),
  ].join(' AND ');
  for await (const info of client.workflow.list({ query })) {
    if (seen.has(info.workflowId)) continue;
    seen.add(info.workflowId);
    if (fleet === undefined || fleetOf(info) === fleet) yield info;
  }
}

function tagsOf(tags: unknown): JobSummary['tags'] {
  if (typeof tags !== 'object' || tags === null) return {};
  return Object.fromEntries(Object.entries(tags).filter((tag): tag is [string, string] => typeof tag[1] === 'string'));
}

/** The fields that a list entry and a description have in common. */
type Info = Omit<WorkflowExecutionInfo, 'raw'>;

function summaryOf(info: Info): Omit<JobSummary, 'state' | 'tags'> {
  return {
    id: info.workflowId,
    name: textOf(info.memo?.name) ?? info.workflowId,
    fleet: fleetOf(info),
    startedAt: info.startTime,
    endedAt: info.closeTime,
  };
}

export function fleetOf({ memo }: Pick<WorkflowExecutionInfo, 'memo'>): string {
  return textOf(memo?.fleet) ?? 'default';
}

export function isLive({ status }: Pick<WorkflowExecutionInfo, 'status'>): boolean {
  return status.name === 'RUNNING' || status.name === 'PAUSED';
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
