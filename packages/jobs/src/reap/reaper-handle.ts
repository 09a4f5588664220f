import { setTimeout as delay } from 'node:timers/promises';
import {
  type Client,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  WorkflowFailedError,
} from '@temporalio/client';
import { failureOf, JobFailedError } from '../client/job-client.ts';
import type { ReapOrder } from '../workflow-api.ts';
import type { ReapReport } from './reap.ts';

/** One run of the reaper. */
export interface ReaperRun {
  /** Id of the run's workflow in Temporal. */
  readonly workflowId: string;
  /** When the run ended. */
  readonly endedAt: Date;
  /** What the run found and destroyed. */
  readonly report: ReapReport;
}

/** The settings of a reaper's schedule, and its latest run. */
export interface ReaperStatus {
  /** Id of the schedule in Temporal: `gpu-clouds-reaper-<fleet>`. */
  readonly scheduleId: string;
  /** Whether the schedule is paused and starts no runs until `resume`. */
  readonly paused: boolean;
  /** Seconds between two runs. */
  readonly everySeconds: number;
  /** Grace period in milliseconds. Absent if it is the default of 10 minutes. */
  readonly graceMs?: number | undefined;
  /** Whether orphans are reported without being destroyed. */
  readonly dryRun: boolean;
  /** When the next run starts. Absent while the schedule is paused. */
  readonly nextRun?: Date | undefined;
  /** The latest run that has ended successfully. Absent before the first. */
  readonly lastRun?: ReaperRun | undefined;
}

/** The reaper's schedule for one fleet. All methods except `remove` throw {@link ReaperNotFoundError} if there is no schedule. */
export interface Reaper {
  /** Id of the schedule in Temporal: `gpu-clouds-reaper-<fleet>`. */
  readonly scheduleId: string;
  /** Returns the settings, the time of the next run, and the latest run. */
  status(): Promise<ReaperStatus>;
  /** Returns the latest run that has ended successfully, or undefined before the first. */
  lastRun(): Promise<ReaperRun | undefined>;
  /**
   * Runs the reaper now, even if the schedule is paused, and waits for the report. A run that is under way ends first.
   * @throws {JobFailedError} The run failed.
   */
  run(options?: { readonly signal?: AbortSignal }): Promise<ReaperRun>;
  /**
   * Pauses the schedule until `resume`.
   * @param note The reason, which Temporal's UI shows.
   */
  pause(note?: string): Promise<void>;
  /** Resumes the schedule. Does nothing if it is not paused. */
  resume(): Promise<void>;
  /** Deletes the schedule. Does nothing if there is none. */
  remove(): Promise<void>;
}

/** The fleet has no reaper schedule. */
export class ReaperNotFoundError extends Error {
  override readonly name = 'ReaperNotFoundError';
}

/** Milliseconds between two polls of the schedule. */
const pollIntervalMs = 500;
/** Temporal may forget a trigger when a worker that starts updates the schedule at the same time. At most one run waits, so two are as good as one. */
const triggerAgainMs = 10_000;

/**
 * Returns a handle of a fleet's reaper. Sends no request: if there is no schedule, the methods of the handle throw.
 * @param fleet Default: `default`.
 */
export function reaperHandle(client: Client, fleet: string): Reaper {
  const scheduleId = reaperScheduleId(fleet);
  const schedule = client.schedule.getHandle(scheduleId);
  const describe = () => orNotFound(fleet, schedule.describe());
  return {
    scheduleId,
    async status() {
      const description = await describe();
      const lastRun = await latest(client, description);
      return { ...statusOf(description), lastRun };
    },
    lastRun: async () => latest(client, await describe()),
    async run({ signal } = {}) {
      const before = new Set(recentRuns(await describe()).map(({ firstExecutionRunId }) => firstExecutionRunId));
      let triggeredAt = Number.NEGATIVE_INFINITY;
      for (;;) {
        const run = recentRuns(await describe()).find(({ firstExecutionRunId }) => !before.has(firstExecutionRunId));
        const done = run === undefined ? undefined : await ended(client, run);
        if (done !== undefined) return done;
        if (run === undefined && performance.now() - triggeredAt > triggerAgainMs) {
          await orNotFound(fleet, schedule.trigger(ScheduleOverlapPolicy.BUFFER_ONE));
          triggeredAt = performance.now();
        }
        await delay(pollIntervalMs, undefined, signal === undefined ? {} : { signal });
      }
    },
    pause: (note) => orNotFound(fleet, schedule.pause(note)),
    resume: () => orNotFound(fleet, schedule.unpause()),
    async remove() {
      await schedule.delete().catch((error: unknown) => {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      });
    },
  };
}

export function reaperScheduleId(fleet: string): string {
  return `gpu-clouds-reaper-${fleet}`;
}

interface StartedRun {
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
}

/** Returns the recent runs, oldest first. */
function recentRuns({ info }: ScheduleDescription): readonly StartedRun[] {
  return info.recentActions.map(({ action }) => action.workflow);
}

/** Returns the latest run with a report. Failed runs have none. */
async function latest(client: Client, description: ScheduleDescription): Promise<ReaperRun | undefined> {
  for (const started of recentRuns(description).toReversed()) {
    const run = await ended(client, started).catch((error: unknown) => {
      if (!(error instanceof JobFailedError)) throw error;
    });
    if (run !== undefined) return run;
  }
  return undefined;
}

/**
 * Returns a run that has ended, or undefined while it is under way.
 * @throws {JobFailedError} The run failed.
 */
async function ended(client: Client, { workflowId, firstExecutionRunId }: StartedRun): Promise<ReaperRun | undefined> {
  const run = client.workflow.getHandle(workflowId, firstExecutionRunId);
  const { closeTime } = await run.describe();
  if (closeTime === undefined) return undefined;
  try {
    return { workflowId, endedAt: closeTime, report: await run.result() };
  } catch (error) {
    throw error instanceof WorkflowFailedError ? failureOf(workflowId, error) : error;
  }
}

function statusOf({ scheduleId, spec, state, info, action }: ScheduleDescription): ReaperStatus {
  const [next] = info.nextActionTimes;
  const { graceMs, dryRun = false } = orderOf(action);
  return {
    scheduleId,
    paused: state.paused,
    everySeconds: (spec.intervals?.[0]?.every ?? 0) / 1000,
    dryRun,
    graceMs,
    ...(next === undefined || state.paused ? {} : { nextRun: next }),
  };
}

function orderOf({ args }: ScheduleDescription['action']): Partial<ReapOrder> {
  const order: unknown = args?.[0];
  return typeof order === 'object' && order !== null ? order : {};
}

async function orNotFound<T>(fleet: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    const message = `The fleet "${fleet}" has no reaper in this Temporal namespace. Start one with "gpu-clouds reaper start".`;
    throw new ReaperNotFoundError(message, { cause: error });
  }
}
