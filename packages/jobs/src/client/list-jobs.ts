import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { BatchState } from '../batch-status.ts';
import type { JobOutcome } from '../job-status.ts';
import { workflowNames } from '../workflow-api.ts';
import { batchStatus } from './batch-queries.ts';
import { runEnd } from './run-end.ts';

/** One line of {@link listJobs}. */
export interface JobSummary {
  /** Of the workflow: {@link jobHandle}, or {@link batchHandle} for a batch, takes it. */
  readonly id: string;
  /** The job's own name, which many runs may share. The id where Temporal's record has none. */
  readonly name: string;
  /** Whose instances they are. */
  readonly fleet: string;
  /** Id of the batch that it is an item of. */
  readonly batch?: string;
  /** `running`, or how it ended. */
  readonly state: 'running' | JobOutcome;
  /** When Temporal took it, which may be before any worker did. */
  readonly startedAt: Date;
  /** When its workflow ended: after its instances were gone, unless somebody terminated it. Absent while it runs. */
  readonly endedAt?: Date;
}

/** One line of {@link listBatches}. */
export interface BatchSummary extends Omit<JobSummary, 'state' | 'batch'> {
  /** `running`, or how it ended. */
  readonly state: BatchState;
}

/** Which runs or batches {@link listJobs} and {@link listBatches} tell of. Default: all. */
export interface ListOptions {
  /** Those of this fleet only. Default: all. */
  readonly fleet?: string;
  /** Leaves out those that have ended. Default false. */
  readonly running?: boolean;
}

/** Runs that Temporal remembers, newest first. Lags about a second behind. */
export async function* listJobs(
  client: Client,
  options: ListOptions = {},
): AsyncGenerator<JobSummary, void, undefined> {
  for await (const info of newestOf(client, workflowNames.job, options)) {
    const batch = textOf(info.memo?.batch);
    const state = isLive(info) ? 'running' : (await runEnd(client, info.workflowId, info.status.name)).outcome;
    yield { ...summaryOf(info), state, ...(batch === undefined ? {} : { batch }) };
  }
}

/** Batches that Temporal remembers, newest first. Lags about a second behind. */
export async function* listBatches(
  client: Client,
  options: ListOptions = {},
): AsyncGenerator<BatchSummary, void, undefined> {
  for await (const info of newestOf(client, workflowNames.batch, options)) {
    const state = isLive(info) ? 'running' : (await batchStatus(client, info.workflowId)).state;
    yield { ...summaryOf(info), state };
  }
}

/** One that was reset is listed once for each of its executions: the newest is what it is. */
export async function* newestOf(client: Client, type: string, { fleet, running = false }: ListOptions) {
  const seen = new Set<string>();
  const query = `WorkflowType = '${type}'${running ? " AND ExecutionStatus = 'Running'" : ''}`;
  for await (const info of client.workflow.list({ query })) {
    if (seen.has(info.workflowId)) continue;
    seen.add(info.workflowId);
    if (fleet === undefined || fleetOf(info) === fleet) yield info;
  }
}

function summaryOf(info: WorkflowExecutionInfo): Omit<JobSummary, 'state'> {
  return {
    id: info.workflowId,
    name: textOf(info.memo?.name) ?? info.workflowId,
    fleet: fleetOf(info),
    startedAt: info.startTime,
    ...(info.closeTime === undefined ? {} : { endedAt: info.closeTime }),
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
