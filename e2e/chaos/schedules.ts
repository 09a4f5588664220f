import {
  type Job,
  JobIdError,
  type RunStore,
  ScheduleMissingError,
  scheduleHandle,
  scheduleJob,
} from '@gpu-clouds/jobs';
import { type Client, type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client';
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
}

/** The last hour of the year: nothing waits for it. */
const rarely = '0 23 31 12 *';

/** Schedules that each start one run, at once. Every other one is paused after that, the others are removed. */
export class Schedules {
  readonly #client: Client;
  readonly #triggers = new Map<string, number>();
  /** What Temporal had of each when its run had ended. */
  readonly #ended = new Map<string, ScheduleDescription['info']>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Starts a run of a job by a schedule of its own, and returns the ID of the run. May be repeated. */
  async start(name: string, job: Job, options: { readonly runs: RunStore; readonly searchable: boolean }) {
    await scheduleJob(this.#client, job, { ...options, name, fleet, cron: rarely }).catch((error: unknown) => {
      // The answer to an earlier attempt was lost.
      if (!(error instanceof JobIdError)) throw error;
    });
    const schedule = scheduleHandle(this.#client, name);
    const { lastRun } = await schedule.status();
    if (lastRun !== undefined) return lastRun;
    this.#triggers.set(name, (this.#triggers.get(name) ?? 0) + 1);
    const id = await schedule.run();
    if (id === undefined) throw new Error(`The schedule ${name} has started no run yet.`);
    return id;
  }

  /** Removes or pauses a schedule whose run has ended. May be repeated. */
  async end(name: string): Promise<void> {
    const described = await this.#describe(name);
    if (described === undefined) return;
    this.#ended.set(name, described.info);
    const schedule = scheduleHandle(this.#client, name);
    const isOdd = [...this.#triggers.keys()].indexOf(name) % 2 === 1;
    await (isOdd ? schedule.pause('chaos') : schedule.remove()).catch((error: unknown) => {
      if (!(error instanceof ScheduleMissingError)) throw error;
    });
  }

  async records(): Promise<readonly ScheduleRecord[]> {
    return Promise.all(
      [...this.#triggers].map(async ([name, triggers]) => {
        const described = await this.#describe(name);
        const info = described?.info ?? this.#ended.get(name);
        return {
          name,
          triggers,
          started: info?.numActionsTaken ?? 0,
          skipped: info?.numActionsSkippedOverlap ?? 0,
          left: described === undefined ? 'nothing' : described.state.paused ? 'paused' : 'active',
        } satisfies ScheduleRecord;
      }),
    );
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

/** Returns how a schedule did not do what was asked, or undefined when it did. */
export function wrongSchedule({ triggers, started, skipped, left }: ScheduleRecord): string | undefined {
  if (left === 'active') return 'it is neither removed nor paused';
  if (started < 1) return 'it started no run';
  const asked = started + skipped;
  return asked > triggers ? `it was asked for ${triggers} runs, and took that for ${asked}` : undefined;
}
