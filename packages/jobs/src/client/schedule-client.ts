import { setTimeout as delay } from 'node:timers/promises';
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { durationSeconds } from '../job/duration.ts';
import type { Job } from '../job/job-schema.ts';
import { workflowNames } from '../workflow-api.ts';
import {
  isUnknownAttribute,
  JobIdError,
  SearchAttributesError,
  type StartJobOptions,
  startOf,
  unpreparedNamespace,
} from './job-client.ts';
import { concurrently, isLive, textOf } from './list-workflows.ts';
import { isJobSchedule, scheduleIdOf, scheduleNameOf } from './schedule-id.ts';
import { mayHaveStarted } from './uncertain-start.ts';

/** How many of a schedule's latest runs are looked at. Temporal's schedules keep as many. */
const latestRuns = 10;
const overlaps = {
  skip: ScheduleOverlapPolicy.SKIP,
  'buffer-one': ScheduleOverlapPolicy.BUFFER_ONE,
  'allow-all': ScheduleOverlapPolicy.ALLOW_ALL,
  'cancel-other': ScheduleOverlapPolicy.CANCEL_OTHER,
} as const;

/**
 * What happens at a time of a schedule while its last run has not ended, its instances included. `skip`: nothing. `buffer-one`: one more
 * run starts afterwards. `allow-all`: a run starts. `cancel-other`: the last run is cancelled, and then a run starts. If Temporal's server
 * dies just after it started a run, it does not know of that run, and the next one starts beside it.
 */
export type ScheduleOverlap = keyof typeof overlaps;
/** All values of {@link ScheduleOverlap}. */
export const scheduleOverlaps: readonly ScheduleOverlap[] = ['skip', 'buffer-one', 'allow-all', 'cancel-other'];

/** Options of {@link scheduleJob}: when runs start, and with what. */
export interface ScheduleJobOptions extends Omit<StartJobOptions, 'id' | 'on'> {
  /** Name of the schedule: up to 39 letters, digits, and hyphens. Default: the job's name. */
  readonly name?: string | undefined;
  /** When runs start, for example `0 3 * * *`. Five fields: minute, hour, day of the month, month, and day of the week. */
  readonly cron: string;
  /** Time zone of `cron`, such as `Europe/Berlin`. Default: UTC. */
  readonly timezone?: string | undefined;
  /** Default: `skip`. */
  readonly overlap?: ScheduleOverlap | undefined;
  /** Each run starts up to this much later, at random: `5m`. Default: `0s`. */
  readonly jitter?: string | undefined;
  /** How late a run may start after an outage of Temporal. Those that are later are missed. At least `10s`. Default: `10m`. */
  readonly catchUp?: string | undefined;
}

/** The state of a schedule. */
export interface ScheduleStatus {
  /** Name of the schedule. */
  readonly name: string;
  /** Name of the job that it runs. */
  readonly job: string;
  /** The fleet that the instances belong to. */
  readonly fleet: string;
  /** When runs start. */
  readonly cron: string;
  /** Time zone of `cron`. */
  readonly timezone: string;
  /** What happens at a time while the last run has not ended. */
  readonly overlap: ScheduleOverlap;
  /** Whether the schedule is paused and starts no runs until `resume`. */
  readonly paused: boolean;
  /** Why it is paused. */
  readonly note?: string | undefined;
  /** When the next run starts. Absent while the schedule is paused. */
  readonly nextRun?: Date | undefined;
  /** Ids of the runs that it has started and that have not ended. */
  readonly running: readonly string[];
  /** Id of the run that it started last. */
  readonly lastRun?: string | undefined;
  /** Number of runs that were started. Leaves out a run that Temporal's server started just before it died. */
  readonly started: number;
  /** Number of times at which no run started because another one had not ended. */
  readonly skipped: number;
  /** Number of times that passed during an outage longer than the catch-up time. */
  readonly missed: number;
}

/** A schedule that starts runs of a job. All methods throw {@link ScheduleMissingError} if there is no such schedule. */
export interface ScheduleHandle {
  /** Name of the schedule. */
  readonly name: string;
  /** Returns the settings, the time of the next run, and the runs that have not ended. */
  status(): Promise<ScheduleStatus>;
  /**
   * Starts a run now, even if the schedule is paused, as far as its overlap policy allows.
   * @returns The id of the run, or undefined if none started within 10 seconds, such as because another one has not ended.
   */
  run(): Promise<string | undefined>;
  /**
   * Pauses the schedule until `resume`. Runs continue.
   * @param note The reason, which `status` returns.
   */
  pause(note?: string): Promise<void>;
  /** Resumes the schedule. Does nothing if it is not paused. */
  resume(): Promise<void>;
  /** Deletes the schedule. Runs continue. The run store no longer keeps the inputs for it. */
  remove(): Promise<void>;
}

/** There is no schedule of this name. */
export class ScheduleMissingError extends Error {
  override readonly name = 'ScheduleMissingError';
}

/** A schedule could not be created. The message says why. */
export class JobScheduleError extends Error {
  override readonly name = 'JobScheduleError';
}

/**
 * Uploads the job's files to the run store once, and creates a Temporal schedule that starts runs of the job. The id of a run is the name of
 * the schedule and the time in UTC, such as `nightly-2026-11-28T03:00:00Z`.
 * @throws {InputError} A file is missing or cannot be uploaded. Nothing was scheduled.
 * @throws {RunStoreError} The run store fails. Nothing was scheduled.
 * @throws {JobIdError} The name is invalid or taken.
 * @throws {JobScheduleError} The times are invalid. Or Temporal did not answer, so the schedule may exist; the message says so.
 * @throws {RangeError} `jitter` or `catchUp` is not a duration.
 * @throws {SearchAttributesError} `searchable` is set, but the namespace lacks the search attributes. Nothing was scheduled.
 */
export async function scheduleJob(client: Client, local: Job, options: ScheduleJobOptions): Promise<ScheduleHandle> {
  const { name = local.name, cron, timezone = 'UTC', overlap = 'skip', jitter = '0s', catchUp = '10m' } = options;
  checkName(name);
  checkCron(cron);
  const spec = { cronExpressions: [cron], timezone, jitter: durationSeconds(jitter) * 1000 };
  const policies = { overlap: overlaps[overlap], catchupWindow: durationSeconds(catchUp) * 1000 };
  const { order, memo, start } = await startOf(client, local, { ...options, schedule: name });
  try {
    await client.schedule.create({
      scheduleId: scheduleIdOf(name),
      spec,
      policies,
      // `list` shows it, and the run store keeps the inputs that it names.
      memo: { ...memo, cron },
      action: { type: 'startWorkflow', workflowType: workflowNames.job, workflowId: name, args: [order], ...start },
    });
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) {
      const message = `A schedule "${name}" already exists. Choose another name, or remove it with "gpu-clouds schedule remove ${name}".`;
      throw new JobIdError(message, { cause: error });
    }
    if (isUnknownAttribute(error)) throw new SearchAttributesError(unpreparedNamespace, { cause: error });
    if (mayHaveStarted(error)) {
      const message = `Temporal did not answer whether it has the schedule "${name}". If it has, runs will start. Check with "gpu-clouds schedule list".`;
      throw new JobScheduleError(message, { cause: error });
    }
    // Temporal's client throws one for invalid times.
    if (!(error instanceof TypeError)) throw error;
    throw new JobScheduleError(`Temporal does not accept the schedule: ${error.message}.`, { cause: error });
  }
  return scheduleHandle(client, name);
}

/** Returns a handle of the schedule with this name. Sends no request: if there is no such schedule, the methods of the handle throw. */
export function scheduleHandle(client: Client, name: string): ScheduleHandle {
  const schedule = client.schedule.getHandle(scheduleIdOf(name));
  const describe = async () => {
    const description = await orNotFound(name, schedule.describe());
    return { description, runs: runsOf(description, await listedRuns(client, description)) };
  };
  return {
    name,
    status: async () => statusOf(name, await describe()),
    async run() {
      const { description: before, runs } = await describe();
      const known = new Set(runs.keys());
      await delay(untilFreeSecond([...known].at(-1), Date.now()));
      await orNotFound(name, schedule.trigger(before.policies.overlap));
      for (let poll = 0; poll < 20; poll += 1) {
        const now = await describe();
        const started = [...now.runs.keys()].find((id) => !known.has(id));
        if (started !== undefined) return started;
        if (now.description.info.numActionsSkippedOverlap > before.info.numActionsSkippedOverlap) return undefined;
        await delay(500);
      }
      return undefined;
    },
    pause: (note) => orNotFound(name, schedule.pause(note)),
    resume: () => orNotFound(name, schedule.unpause()),
    remove: () => orNotFound(name, schedule.delete()),
  };
}

/** Yields the schedules of jobs. New schedules may take about a second to appear. */
export async function* listSchedules(
  client: Client,
  { fleet }: { readonly fleet?: string | undefined } = {},
): AsyncGenerator<ScheduleStatus, void, undefined> {
  const found = concurrently(namesOf(client, fleet), async (name) => {
    try {
      return await scheduleHandle(client, name).status();
    } catch (error) {
      // It was removed meanwhile.
      if (error instanceof ScheduleMissingError) return undefined;
      throw error;
    }
  });
  for await (const status of found) if (status !== undefined) yield status;
}

async function* namesOf(client: Client, fleet: string | undefined): AsyncGenerator<string, void, undefined> {
  for await (const { scheduleId, memo } of client.schedule.list()) {
    if (isJobSchedule(scheduleId) && (fleet === undefined || memo?.fleet === fleet)) yield scheduleNameOf(scheduleId);
  }
}

/**
 * Returns the latest runs that Temporal's list has of a schedule, and whether each has not ended. A run may be missing for about a second.
 */
async function listedRuns(client: Client, { scheduleId, info }: ScheduleDescription): Promise<ScheduleRuns> {
  // A schedule that was removed may have had the same name.
  const query = `TemporalScheduledById = '${scheduleId}' AND StartTime >= '${info.createdAt.toISOString()}'`;
  const runs = new Map<string, boolean>();
  for await (const info of client.workflow.list({ query, pageSize: latestRuns })) {
    // The newest execution of a run that was reset comes first.
    if (!runs.has(info.workflowId)) runs.set(info.workflowId, isLive(info));
    if (runs.size === latestRuns) break;
  }
  return runs;
}

/**
 * Returns the latest runs of a schedule, oldest first. The schedule itself does not know of a run if Temporal's server died after it had
 * started the run and before it had noted that: it then tries again, and takes the refusal for a failure.
 */
function runsOf({ info }: ScheduleDescription, listed: ScheduleRuns): ScheduleRuns {
  const recent = info.recentActions.map(({ action }) => action.workflow.workflowId);
  const running = new Set(info.runningActions.map(({ workflow }) => workflow.workflowId));
  const ids = new Set([...recent, ...running, ...listed.keys()]);
  // Each id ends with the time.
  return new Map([...ids].sort().map((id) => [id, listed.get(id) ?? running.has(id)]));
}

/** Returns the milliseconds until the id of a new run differs from the latest one, which ends with the second in which it was due. */
function untilFreeSecond(latest: string | undefined, now: number): number {
  const [due] = /\d{4}-\d\d-\d\dT[\d:]+Z$/.exec(latest ?? '') ?? [];
  const left = due === undefined ? 0 : Date.parse(due) + 1000 - now;
  // The clock of Temporal may be another.
  return Math.min(Math.max(left, 0), 1000);
}

function statusOf(name: string, { description, runs }: Described): ScheduleStatus {
  const { memo, spec, policies, state, info } = description;
  const [nextRun] = state.paused ? [] : info.nextActionTimes;
  return {
    name,
    job: textOf(memo?.name) ?? name,
    fleet: textOf(memo?.fleet) ?? '',
    cron: textOf(memo?.cron) ?? '',
    timezone: spec.timezone ?? 'UTC',
    overlap: scheduleOverlaps.find((overlap) => overlaps[overlap] === policies.overlap) ?? 'skip',
    paused: state.paused,
    note: state.note,
    nextRun,
    running: [...runs].filter(([, isRunning]) => isRunning).map(([id]) => id),
    lastRun: [...runs.keys()].at(-1),
    started: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
  };
}

/** What Temporal has of a schedule. */
interface Described {
  readonly description: ScheduleDescription;
  readonly runs: ScheduleRuns;
}

/** Runs of a schedule by id, and whether each has not ended. */
type ScheduleRuns = ReadonlyMap<string, boolean>;

/** Temporal appends 21 characters to it, and a run's id has up to 60. */
function checkName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9-]{0,38}$/.test(name)) return;
  throw new JobIdError(
    `"${name}" cannot be the name of a schedule. Use up to 39 letters, digits, and hyphens, and start with a letter or digit.`,
  );
}

/** Temporal also accepts a time zone, a comment, or seconds in it. `status` would then show another time zone. */
function checkCron(cron: string): void {
  if (cron.trim().split(/\s+/).length === 5 && !/[#=]/.test(cron)) return;
  throw new JobScheduleError(
    `"${cron}" is not a cron expression. Write minute, hour, day of the month, month, and day of the week, for example "0 3 * * *".`,
  );
}

async function orNotFound<T>(name: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    const message = `There is no schedule "${name}". Run "gpu-clouds schedule list" to list them.`;
    throw new ScheduleMissingError(message, { cause: error });
  }
}
