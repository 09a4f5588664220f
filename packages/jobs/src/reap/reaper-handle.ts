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

/** One look of the reaper. */
export interface ReaperRun {
  /** Of the look's own workflow, for whoever wants to see it in Temporal. */
  readonly workflowId: string;
  /** When the report was complete. */
  readonly endedAt: Date;
  /** What was found, and what was destroyed. */
  readonly report: ReapReport;
}

/** How the schedule of a reaper is set, and what it did last. */
export interface ReaperStatus {
  /** Of the schedule in Temporal: `gpu-clouds-reaper-<fleet>`. */
  readonly scheduleId: string;
  /** True: it does not look by itself, until `resume`. */
  readonly paused: boolean;
  /** Seconds between two looks. */
  readonly everySeconds: number;
  /** Milliseconds for which something has to be unclaimed. Absent: the default, 10 minutes. */
  readonly graceMs?: number;
  /** It only reports. */
  readonly dryRun: boolean;
  /** When it looks next. Absent while it is paused. */
  readonly nextLook?: Date;
  /** The latest look that has ended. */
  readonly lastRun?: ReaperRun;
}

/** The schedule that cleans up after a fleet. All but `remove` throw {@link ReaperNotFoundError} when there is none. */
export interface Reaper {
  /** Of the schedule in Temporal: `gpu-clouds-reaper-<fleet>`. */
  readonly scheduleId: string;
  /** How it is set, when it looks next, and what its latest look found. */
  status(): Promise<ReaperStatus>;
  /** The latest look that has ended; undefined before the first. */
  lastRun(): Promise<ReaperRun | undefined>;
  /** Looks now, paused or not, after the look that is under way if one is, and waits for the report. @throws JobFailedError */
  run(options?: { readonly signal?: AbortSignal }): Promise<ReaperRun>;
  /** Looks no more until it is resumed. @param note Why, for whoever reads it in Temporal. */
  pause(note?: string): Promise<void>;
  /** Looks again at its interval. Nothing happens when it is not paused. */
  resume(): Promise<void>;
  /** Looks no more. Nothing happens when there is no schedule. */
  remove(): Promise<void>;
}

/** The fleet has no reaper. */
export class ReaperNotFoundError extends Error {
  override readonly name = 'ReaperNotFoundError';
}

/** Milliseconds between two looks at the schedule. */
const interval = 500;

/** The reaper of a fleet. Asks nobody: one that does not exist shows when the handle is used. */
export function reaperHandle(client: Client, fleet = 'default'): Reaper {
  const scheduleId = reaperScheduleId(fleet);
  const schedule = client.schedule.getHandle(scheduleId);
  const describe = () => orNotFound(fleet, schedule.describe());
  return {
    scheduleId,
    async status() {
      const description = await describe();
      const lastRun = await latest(client, description);
      return { ...statusOf(description), ...(lastRun === undefined ? {} : { lastRun }) };
    },
    lastRun: async () => latest(client, await describe()),
    async run({ signal } = {}) {
      const before = new Set(looksOf(await describe()).map(({ firstExecutionRunId }) => firstExecutionRunId));
      await orNotFound(fleet, schedule.trigger(ScheduleOverlapPolicy.BUFFER_ONE));
      for (;;) {
        const look = looksOf(await describe()).find(({ firstExecutionRunId }) => !before.has(firstExecutionRunId));
        const done = look === undefined ? undefined : await ended(client, look);
        if (done !== undefined) return done;
        await delay(interval, undefined, signal === undefined ? {} : { signal });
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

interface Look {
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
}

/** The oldest first. */
function looksOf({ info }: ScheduleDescription): readonly Look[] {
  return info.recentActions.map(({ action }) => action.workflow);
}

/** One that failed has looked at nothing. */
async function latest(client: Client, description: ScheduleDescription): Promise<ReaperRun | undefined> {
  for (const look of looksOf(description).toReversed()) {
    const run = await ended(client, look).catch((error: unknown) => {
      if (!(error instanceof JobFailedError)) throw error;
    });
    if (run !== undefined) return run;
  }
  return undefined;
}

/** Undefined while it looks. @throws JobFailedError */
async function ended(client: Client, { workflowId, firstExecutionRunId }: Look): Promise<ReaperRun | undefined> {
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
    ...(graceMs === undefined ? {} : { graceMs }),
    ...(next === undefined || state.paused ? {} : { nextLook: next }),
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
    const message = `The fleet "${fleet}" has no reaper in this Temporal: start one with \`gpu-clouds reaper start\`.`;
    throw new ReaperNotFoundError(message, { cause: error });
  }
}
