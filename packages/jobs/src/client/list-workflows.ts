import type { JobOutcome } from '../job-status.ts';
import type { TemporalReader, WorkflowInfo } from '../reader/temporal-reader.ts';

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

/** Filters of {@link listJobs}, {@link listBatches}, and {@link listLeases}. Default: no filter. */
export interface ListOptions {
  /** Only entries of this fleet. Default: all fleets. */
  readonly fleet?: string | undefined;
  /** Only entries that have not ended. Default: false. */
  readonly running?: boolean | undefined;
  /** Only entries that have started since then. Default: all. */
  readonly since?: Date | undefined;
  /** Only entries that had not ended then. Default: all. */
  readonly activeSince?: Date | undefined;
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
export async function* newestOf(client: TemporalReader, type: string, options: ListOptions) {
  const { fleet, running = false, since, activeSince } = options;
  const seen = new Set<string>();
  const query = [
    `WorkflowType = '${type}'`,
    ...(running ? ["ExecutionStatus = 'Running'"] : []),
    ...(since === undefined ? [] : [`StartTime >= '${since.toISOString()}'`]),
    ...(activeSince === undefined
      ? []
      : [`(ExecutionStatus = 'Running' OR CloseTime >= '${activeSince.toISOString()}')`]),
  ].join(' AND ');
  for await (const info of client.workflow.list({ query })) {
    if (seen.has(info.workflowId)) continue;
    seen.add(info.workflowId);
    if (fleet === undefined || fleetOf(info) === fleet) yield info;
  }
}

export function tagsOf(tags: unknown): JobSummary['tags'] {
  if (typeof tags !== 'object' || tags === null) return {};
  return Object.fromEntries(Object.entries(tags).filter((tag): tag is [string, string] => typeof tag[1] === 'string'));
}

/** Returns what Temporal's list says about a run. */
export function jobSummaryOf(info: WorkflowInfo): Omit<JobSummary, 'state'> {
  const { batch, schedule, tags } = info.memo ?? {};
  return { ...summaryOf(info), batch: textOf(batch), schedule: textOf(schedule), tags: tagsOf(tags) };
}

/** Returns what Temporal's list says about a run or batch. */
export function summaryOf(info: WorkflowInfo): Pick<JobSummary, 'id' | 'name' | 'fleet' | 'startedAt' | 'endedAt'> {
  return {
    id: info.workflowId,
    name: textOf(info.memo?.name) ?? info.workflowId,
    fleet: fleetOf(info),
    startedAt: info.startTime,
    endedAt: info.closeTime,
  };
}

export function fleetOf({ memo }: Pick<WorkflowInfo, 'memo'>): string {
  return textOf(memo?.fleet) ?? 'default';
}

export function isLive({ status }: Pick<WorkflowInfo, 'status'>): boolean {
  return status.name === 'RUNNING' || status.name === 'PAUSED';
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
