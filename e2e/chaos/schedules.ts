import {
  type Job,
  JobIdError,
  type RunStore,
  type ScheduleHandle,
  ScheduleMissingError,
  scheduleHandle,
  scheduleJob,
} from '@gpu-clouds/jobs';
import { type Client, type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client';
import type { PlannedSchedule } from './plan.ts';
import { fleet } from './stack.ts';

/** A schedule that was triggered for one run, and what Temporal has of it. */
export interface ScheduleRecord {
  readonly name: string;
  /** Requests for a run. The answers to earlier ones may have been lost. */
  readonly triggers: number;
  /** Runs that started. */
  readonly started: number;
  /** Runs that did not start because another one had not ended. */
  readonly skipped: number;
  /** What is left of it at the end. */
  readonly left: 'nothing' | 'paused' | 'active';
  readonly wanted: Omit<PlannedSchedule, 'atItsTime'>;
  /** What Temporal had of it, in Temporal's words. */
  readonly had: {
    readonly overlap: string;
    readonly timezone: string;
    readonly jitterSeconds: number;
    readonly catchUpSeconds: number;
  };
  /** Whether it was due and started no run by itself. */
  readonly missed: boolean;
  /** Its runs. */
  readonly runs: readonly ScheduledRun[];
}

/** A run of a schedule, from its start until it had closed. In milliseconds since the epoch. */
interface ScheduledRun {
  readonly from: number;
  readonly to: number;
  /** Whether Temporal's schedule knows of it. It does not if the server was killed just after it had started the run. */
  readonly known: boolean;
}

/** The last hour of the year: nothing waits for it. */
const rarely = '0 23 31 12 *';
const plainSchedule: PlannedSchedule = {
  overlap: 'skip',
  timezone: 'UTC',
  jitterSeconds: 0,
  catchUpSeconds: 600,
  atItsTime: false,
};
/** Temporal may be away when a run is due. */
const missedAfterMs = 240_000;

/** A schedule as it was asked for. */
interface Asked extends PlannedSchedule {
  readonly cron: string;
  /** When it should start a run by itself, in milliseconds since the epoch. */
  readonly due?: number | undefined;
  /** Requests for a run. The one that is due counts. */
  triggers: number;
  missed: boolean;
  /** Whether another run was requested while the first one had not ended. */
  again: boolean;
}

/**
 * Schedules that each start one run, at once or at a time of the next two minutes. Under the policy `skip`, another run is requested
 * meanwhile. Every other one is paused after that, the others are removed.
 */
export class Schedules {
  readonly #client: Client;
  readonly #asked = new Map<string, Asked>();
  /** What Temporal had of each when its run had ended. */
  readonly #ended = new Map<string, ScheduleDescription>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Starts a run of a job by a schedule of its own, and returns the ID of the run. May be repeated. */
  async start(name: string, job: Job, { schedule = plainSchedule, ...options }: StartOptions): Promise<string> {
    const asked = this.#asked.get(name) ?? askedFor(schedule);
    this.#asked.set(name, asked);
    const { cron, timezone, overlap, jitterSeconds, catchUpSeconds } = asked;
    const times = { cron, timezone, overlap, jitter: `${jitterSeconds}s`, catchUp: `${catchUpSeconds}s` };
    await scheduleJob(this.#client, job, { ...options, ...times, name, fleet }).catch((error: unknown) => {
      // The answer to an earlier attempt was lost.
      if (!(error instanceof JobIdError)) throw error;
    });
    const handle = scheduleHandle(this.#client, name);
    const id = (await handle.status()).lastRun ?? (await this.#firstRun(handle, asked));
    if (id === undefined) throw new Error(`The schedule ${name} has started no run yet.`);
    if (overlap === 'skip' && !asked.again) {
      asked.again = true;
      asked.triggers += 1;
      await handle.run().catch(() => undefined);
    }
    return id;
  }

  /** Removes or pauses a schedule whose run has ended. May be repeated. */
  async end(name: string): Promise<void> {
    const described = await this.#describe(name);
    if (described === undefined) return;
    this.#ended.set(name, described);
    const schedule = scheduleHandle(this.#client, name);
    const isOdd = [...this.#asked.keys()].indexOf(name) % 2 === 1;
    await (isOdd ? schedule.pause('chaos') : schedule.remove()).catch((error: unknown) => {
      if (!(error instanceof ScheduleMissingError)) throw error;
    });
  }

  async records(): Promise<readonly ScheduleRecord[]> {
    return Promise.all(
      [...this.#asked].map(async ([name, { triggers, missed, overlap, timezone, jitterSeconds, catchUpSeconds }]) => {
        const described = await this.#describe(name);
        const { info, policies, spec } = described ?? this.#ended.get(name) ?? {};
        const runs = await this.#runsOf(name, info);
        return {
          name,
          triggers,
          // A run that the schedule does not know is one that it did not count.
          started: (info?.numActionsTaken ?? 0) + runs.filter(({ known }) => !known).length,
          skipped: info?.numActionsSkippedOverlap ?? 0,
          left: described === undefined ? 'nothing' : described.state.paused ? 'paused' : 'active',
          wanted: { overlap, timezone, jitterSeconds, catchUpSeconds },
          had: {
            overlap: policies?.overlap ?? '',
            timezone: spec?.timezone ?? 'UTC',
            jitterSeconds: (spec?.jitter ?? 0) / 1000,
            catchUpSeconds: (policies?.catchupWindow ?? 0) / 1000,
          },
          missed,
          runs,
        } satisfies ScheduleRecord;
      }),
    );
  }

  async #runsOf(name: string, info: ScheduleDescription['info'] | undefined): Promise<readonly ScheduledRun[]> {
    const known = (info?.recentActions ?? []).map(({ action }) => action.workflow.workflowId);
    const ids = new Set([...known, ...(await this.#listed(name))]);
    return Promise.all(
      [...ids].map(async (id) => {
        const { startTime, closeTime } = await this.#client.workflow.getHandle(id).describe();
        const to = closeTime?.getTime() ?? Number.POSITIVE_INFINITY;
        return { from: startTime.getTime(), to, known: known.includes(id) };
      }),
    );
  }

  /** Returns the IDs of the runs that a schedule started, whether it knows of them or not. */
  async #listed(name: string): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    const query = `TemporalScheduledById = 'gpu-clouds-schedule-${name}'`;
    for await (const { workflowId } of this.#client.workflow.list({ query })) ids.add(workflowId);
    return ids;
  }

  /** Requests a run, or lets the schedule start it by itself as long as it may. */
  async #firstRun(handle: ScheduleHandle, asked: Asked): Promise<string | undefined> {
    const { due } = asked;
    const { createdAt } = (await this.#describe(handle.name))?.info ?? {};
    // While Temporal was away, the time may have passed before the schedule could be created.
    const isDue = due !== undefined && createdAt !== undefined && createdAt.getTime() < due;
    if (isDue && Date.now() < due + missedAfterMs) return undefined;
    asked.missed = isDue;
    if (due === undefined || isDue) asked.triggers += 1;
    return handle.run();
  }

  /** Asks Temporal, and not the product. */
  async #describe(name: string): Promise<ScheduleDescription | undefined> {
    return this.#client.schedule
      .getHandle(`gpu-clouds-schedule-${name}`)
      .describe()
      .catch((error: unknown) => {
        if (error instanceof ScheduleNotFoundError) return undefined;
        throw error;
      });
  }
}

/** What {@link Schedules.start} needs besides the job. */
interface StartOptions {
  readonly runs: RunStore;
  readonly searchable: boolean;
  readonly schedule?: PlannedSchedule | undefined;
}

function askedFor(schedule: PlannedSchedule): Asked {
  const more = { missed: false, again: false };
  if (!schedule.atItsTime) return { ...schedule, ...more, cron: rarely, triggers: 0 };
  // A whole minute, which is not so soon that it is over before Temporal knows.
  const due = Math.ceil((Date.now() + 10_000) / 60_000) * 60_000;
  const format = new Intl.DateTimeFormat('en', {
    timeZone: schedule.timezone,
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(due).map(({ type, value }) => [type, Number(value)]));
  return { ...schedule, ...more, cron: `${parts.get('minute')} ${parts.get('hour')} * * *`, due, triggers: 1 };
}

/** Returns how a schedule did not do what was asked, or undefined when it did. */
export function wrongSchedule(schedule: ScheduleRecord): string | undefined {
  const { triggers, started, skipped, left, wanted, had, missed, runs } = schedule;
  if (left === 'active') return 'it is neither removed nor paused';
  if (started < 1) return 'it started no run';
  if (missed) return 'it started no run at its time';
  const policy = wanted.overlap.toUpperCase().replace('-', '_');
  if (had.overlap !== policy) return `it has the overlap policy ${had.overlap} instead of ${policy}`;
  if (had.timezone !== wanted.timezone) return `its time zone is ${had.timezone} instead of ${wanted.timezone}`;
  if (had.jitterSeconds !== wanted.jitterSeconds)
    return `its jitter is ${had.jitterSeconds} s instead of ${wanted.jitterSeconds} s`;
  if (had.catchUpSeconds !== wanted.catchUpSeconds)
    return `it catches up for ${had.catchUpSeconds} s instead of ${wanted.catchUpSeconds} s`;
  const known = runs.filter((one) => one.known);
  const coincide = known.some((one) =>
    known.some((other) => other !== one && one.from < other.to && other.from < one.to),
  );
  if (wanted.overlap === 'skip' && coincide) return 'two of its runs were there at once';
  const asked = started + skipped;
  return asked > triggers ? `it was asked for ${triggers} runs, and took that for ${asked}` : undefined;
}
