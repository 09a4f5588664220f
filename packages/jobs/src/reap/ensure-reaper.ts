import { fleetPrefix } from '@gpu-clouds/clouds/pure';
import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy, type ScheduleSpec } from '@temporalio/client';
import { fleetOf } from '../fleet.ts';
import { durationSeconds } from '../job/duration.ts';
import { type ReapOrder, taskQueues, workflowNames } from '../workflow-api.ts';
import { type Reaper, reaperHandle, reaperScheduleId } from './reaper-handle.ts';

/** Options of {@link ensureReaper}. */
export interface ReaperOptions {
  /**
   * The fleet to clean up. Default: derived from the Temporal namespace. Use a fleet name in only one namespace of one Temporal server: instances that workflows
   * of another one own count as orphans here.
   */
  readonly fleet?: string | undefined;
  /** Interval between two runs of the reaper: `90s`, `5m`. Default: `5m`. */
  readonly every?: string | undefined;
  /** Grace period in milliseconds: an orphan is destroyed once two runs have found it, this long apart. Default: 10 minutes. */
  readonly graceMs?: number | undefined;
  /** Whether to report orphans without destroying them. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/**
 * Creates or updates the Temporal schedule that runs the reaper. Each run searches the vendors' lists for the fleet's instance names and
 * destroys orphans. An existing schedule gets the new options and stays paused if it is paused. Call it at each start of a worker.
 * @throws {RangeError} `every` is not a duration, or `fleet` is not a fleet name.
 */
export async function ensureReaper(client: Client, options: ReaperOptions = {}): Promise<Reaper> {
  const { every = '5m', graceMs, dryRun } = options;
  const fleet = await fleetOf(client, options.fleet);
  fleetPrefix(fleet);
  const spec: ScheduleSpec = { intervals: [{ every: durationSeconds(every) * 1000 }] };
  // One run at a time. After an outage, one run makes up for all that were missed.
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' } as const;
  const order: ReapOrder = {
    fleet,
    graceMs,
    dryRun,
  };
  const scheduleId = reaperScheduleId(fleet);
  const action = {
    type: 'startWorkflow' as const,
    workflowType: workflowNames.reaper,
    workflowId: scheduleId,
    taskQueue: taskQueues.workflows,
    args: [order],
  };
  try {
    await client.schedule.create({ scheduleId, spec, policies, action, state: { triggerImmediately: true } });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update(({ state }) => ({ spec, policies, action, state }));
  }
  return reaperHandle(client, fleet);
}
