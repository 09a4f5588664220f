import { type JobStatus, statusAt } from '../job-status.ts';
import type { TemporalReader, WorkflowInfo } from '../reader/temporal-reader.ts';
import { workflowNames } from '../workflow-api.ts';
import { described } from './described.ts';
import { jobFacts } from './job-status-query.ts';
import {
  concurrently,
  isLive,
  type JobSummary,
  jobSummaryOf,
  type ListOptions,
  newestOf,
  tagsOf,
} from './list-workflows.ts';

/** The statuses of runs that have ended, which no longer change. Pass the same map again, and each is requested once. */
export type EndedStatuses = Map<string, JobStatus>;

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
  client: TemporalReader,
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
export async function jobWithStatus(client: TemporalReader, id: string, ended?: EndedStatuses): Promise<ListedJob> {
  return listed(client, await described(client, id, 'run'), ended);
}

/** Returns the phase of a run, or its outcome once it has ended. */
export function stateOf({ status }: Pick<ListedJob, 'status'>): string {
  return status.phase === 'finished' ? (status.outcome ?? 'failed') : status.phase;
}

async function* tagged(entries: AsyncIterable<WorkflowInfo>, tags: JobSummary['tags']) {
  for await (const info of entries) {
    const own = tagsOf(info.memo?.tags);
    if (Object.entries(tags).every(([key, value]) => own[key] === value)) yield info;
  }
}

async function listed(client: TemporalReader, info: WorkflowInfo, ended?: EndedStatuses): Promise<ListedJob> {
  // A run that was reset has another execution.
  const execution = `${info.workflowId}/${info.runId}`;
  const known = isLive(info) ? undefined : ended?.get(execution);
  const status = known ?? statusAt(await jobFacts(client, info.workflowId), Date.now());
  // Without a worker, the instances are unknown.
  if (status.phase === 'finished' && status.instances.length > 0) ended?.set(execution, status);
  return { ...jobSummaryOf(info), status };
}
