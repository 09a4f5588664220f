import type { Offer, SshAddress, Vendor } from '@gpu-clouds/clouds/pure';

/**
 * What a run is doing, in the order in which it does it. After a failed instance it goes back to `creating`, after a
 * preemption to `finding-offers`.
 */
export const jobPhases = [
  'finding-offers',
  'creating',
  'booting',
  'uploading',
  'setting-up',
  'running',
  'collecting',
  'destroying',
  'finished',
] as const;
/** One of {@link jobPhases}. */
export type JobPhase = (typeof jobPhases)[number];

/**
 * How a run ended. `failed` also stands for a command that ended with an exit code other than 0, `stopped` for a command that was asked to
 * end, with whatever exit code it did.
 */
export type JobOutcome = 'succeeded' | 'failed' | 'stopped' | 'cancelled';

/** Something that went wrong on the way and was dealt with, by another offer or without a cloud. */
export interface JobFailure {
  /** The cloud that it happened with. */
  readonly vendor: Vendor;
  /** The offer that failed; absent when the whole cloud did. */
  readonly offer?: Offer;
  /** `no-capacity`, `unauthorized`, …: a `CloudErrorKind`, or `never-ready`, `lost`, `preempted`, `failed`. */
  readonly kind: string;
  /** What went wrong, in a sentence for a person, without secrets. */
  readonly message: string;
  /** ISO 8601. */
  readonly at: string;
}

/** An instance of the run and what it bills. */
export interface JobInstance {
  /** Name of the instance with the cloud, and id of the workflow that owns it. */
  readonly instanceName: string;
  /** Its rank among the instances that the job was on at the time, from 0 on. */
  readonly node: number;
  /** What was rented, as it was listed before the create call. */
  readonly offer: Offer;
  /** The cloud's id, once it is known. */
  readonly instanceId?: string;
  /** Where SSH listens, once the cloud says that the instance runs. Absent before. */
  readonly ssh?: SshAddress;
  /** US dollars per hour now: the higher of what was ordered, its disk included, and what the cloud says of the instance. */
  readonly pricePerHour: number;
  /** What it cost before the price changed while it ran, the oldest first. `until` is ISO 8601. */
  readonly earlierPrices?: readonly { readonly until: string; readonly pricePerHour: number }[];
  /** ISO 8601: the create call. */
  readonly since: string;
  /** ISO 8601: since when it is being destroyed, where that took longer than ten minutes. */
  readonly teardownStuckSince?: string;
  /** ISO 8601: when the cloud's list stopped showing it. */
  readonly until?: string;
}

/** How a run stands at a moment. */
export interface JobStatus {
  /** Of the run, and of its workflow. */
  readonly id: string;
  /** The job's own name, which many runs may share. */
  readonly name: string;
  /** Instances that the job is on at a time. */
  readonly nodes: number;
  /** With several instances, what they do together. {@link jobPhases} says in which order, and when it goes back. */
  readonly phase: JobPhase;
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601. */
  readonly phaseSince: string;
  /** Present once the phase is `finished`. */
  readonly outcome?: JobOutcome;
  /** Why it failed or was cancelled, in a sentence. */
  readonly message?: string;
  /** Seconds since the start. */
  readonly elapsedSeconds: number;
  /** US dollars, by the hour and to the second, counted from the create calls. */
  readonly costSoFar: number;
  /** All instances that the run ever rented, with an `until` unless they are there now. */
  readonly instances: readonly JobInstance[];
  /** Those that are there now, by node. */
  readonly activeInstances: readonly JobInstance[];
  /** The first of them: the one instance of a job with one node. */
  readonly current?: JobInstance;
  /** What went wrong on the way and was dealt with, the oldest first. What ended the run is in `message`. */
  readonly failures: readonly JobFailure[];
  /** ISO 8601: when somebody asked it to stop. */
  readonly stopRequestedAt?: string;
  /** ISO 8601: when the checkpoint was saved from which the command began on its present instance. */
  readonly restoredFrom?: string;
  /** Of the setup that ran last; with several nodes the first other than 0. */
  readonly setupExitCode?: number;
  /** Of the command; with several nodes the first other than 0. */
  readonly exitCode?: number;
  /** What each phase cost, however the run ended. Present once it has; absent where it was ended from outside and nobody can say. */
  readonly phases?: JobBill['phases'];
}

/** What a run cost in the end. */
export interface JobBill {
  /** In the order in which they were, with what the instances cost meanwhile, in US dollars. */
  readonly phases: readonly { readonly phase: JobPhase; readonly seconds: number; readonly dollars: number }[];
  /** US dollars of all instances, from their create calls until the clouds' lists stopped showing them. */
  readonly dollars: number;
}

/** What the run came to, once its instances are gone. */
export interface JobResult extends JobBill {
  /** Of the run, and of its workflow. */
  readonly id: string;
  /** `succeeded` for exit code 0, `failed` for another, `stopped` after it was asked to stop. A cancelled run has no result. */
  readonly outcome: JobOutcome;
  /**
   * Of the command: 143 when it ended of being asked to stop, 137 when it was killed since it did not. With several nodes that of the node
   * which was the first to end with another one than 0.
   */
  readonly exitCode: number;
  /** Of the command on each node. */
  readonly exitCodes: readonly number[];
  /** 0 where there was a setup. */
  readonly setupExitCode?: number;
  /** The offer on which the command ended. */
  readonly offer: Offer;
  /** What went wrong on the way and was dealt with, the oldest first. */
  readonly failures: readonly JobFailure[];
  /** The files that were copied back, relative to the run's outputs folder. */
  readonly outputs: readonly string[];
}

/** What a run knows that does not change with the clock alone. */
export type JobFacts = Omit<JobStatus, 'elapsedSeconds' | 'costSoFar' | 'activeInstances' | 'current'> & {
  /** ISO 8601. */
  readonly endedAt?: string;
  /** US dollars, where the instances do not tell: nobody was there to say which they were. */
  readonly dollars?: number;
};

/** Those that are there now, by node. */
export function activeInstancesOf({ instances }: Pick<JobFacts, 'instances'>): readonly JobInstance[] {
  return instances.filter(({ until }) => until === undefined).toSorted((a, b) => a.node - b.node);
}

/** The facts as they look at a moment. @param now Milliseconds since the epoch. */
export function statusAt({ endedAt, dollars, ...facts }: JobFacts, now: number): JobStatus {
  const until = endedAt === undefined ? now : Date.parse(endedAt);
  const instances = activeInstancesOf(facts);
  const [current] = instances;
  return {
    ...facts,
    elapsedSeconds: Math.max(0, (until - Date.parse(facts.startedAt)) / 1000),
    costSoFar: dollars ?? costOf(facts.instances, now),
    activeInstances: instances,
    ...(current === undefined ? {} : { current }),
  };
}

/**
 * US dollars of the instances up to a moment.
 * @param now Milliseconds since the epoch.
 * @param from Milliseconds since the epoch: what was before does not count. Default: all does.
 */
export function costOf(instances: readonly JobInstance[], now: number, from = 0): number {
  return instances.reduce((sum, { since, until, pricePerHour, earlierPrices = [] }) => {
    const end = until === undefined ? now : Math.min(now, Date.parse(until));
    let begin = Date.parse(since);
    let cost = 0;
    for (const price of [...earlierPrices, { until: new Date(end).toISOString(), pricePerHour }]) {
      const to = Math.min(end, Date.parse(price.until));
      cost += (Math.max(0, to - Math.max(from, begin)) / 3_600_000) * price.pricePerHour;
      begin = to;
    }
    return sum + cost;
  }, 0);
}
