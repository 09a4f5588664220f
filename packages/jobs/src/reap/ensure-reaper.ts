import { fleetPrefix } from '@gpu-clouds/clouds/pure';
import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy, type ScheduleSpec } from '@temporalio/client';
import { durationSeconds } from '../job/duration.ts';
import { type ReapOrder, taskQueues, workflowNames } from '../workflow-api.ts';
import { type Reaper, reaperHandle, reaperScheduleId } from './reaper-handle.ts';

/** Whose instances {@link ensureReaper} has looked after, how often, and how patiently. */
export interface ReaperOptions {
  /**
   * Whose instances. Default `default`. A name belongs to one namespace of one Temporal server: what another one's workflows own looks
   * unowned from here.
   */
  readonly fleet?: string;
  /** Between two looks: `90s`, `5m`. Default `5m`. */
  readonly every?: string;
  /** Milliseconds for which something has to be unclaimed, at two looks at least, before it is destroyed. Default 10 minutes. */
  readonly graceMs?: number;
  /** Report only. */
  readonly dryRun?: boolean;
}

/**
 * Makes Temporal look through the clouds' lists regularly for what carries the deployment's instance name and no live workflow owns, and
 * destroy it. A schedule that exists gets these options; paused, it stays paused. Safe to call at every start of a worker.
 * @throws RangeError when `every` is no duration, or the fleet no name of one.
 */
export async function ensureReaper(client: Client, options: ReaperOptions = {}): Promise<Reaper> {
  const { fleet = 'default', every = '5m', graceMs, dryRun } = options;
  fleetPrefix(fleet);
  const spec: ScheduleSpec = { intervals: [{ every: durationSeconds(every) * 1000 }] };
  // One at a time. After an outage one look is as good as all that were missed.
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' } as const;
  const order: ReapOrder = {
    fleet,
    ...(graceMs === undefined ? {} : { graceMs }),
    ...(dryRun === undefined ? {} : { dryRun }),
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
