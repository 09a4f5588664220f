import type { Offer, SshAddress, Vendor } from '@gpu-clouds/clouds/pure';
import type { FailureKind } from './failure-kinds.ts';
import type { InstanceAlarms } from './instance-api.ts';

/**
 * The phases of a run, in order. After an instance failed, the run goes back to `creating`; after a preemption, to
 * `finding-offers`.
 */
export const jobPhases = [
  'finding-offers',
  'creating',
  'booting',
  'uploading',
  'downloading',
  'pulling-image',
  'setting-up',
  'running',
  'collecting',
  'destroying',
  'finished',
] as const;
/** One of {@link jobPhases}. */
export type JobPhase = (typeof jobPhases)[number];

/**
 * How a run ended. `failed` includes a command with an exit code other than 0. `stopped` means that the run was stopped on request,
 * with any exit code.
 */
export type JobOutcome = 'succeeded' | 'failed' | 'stopped' | 'cancelled';

/** A failure that did not end the run: it continued with another offer, or without one cloud. */
export interface JobFailure {
  /** The vendor where it happened. */
  readonly vendor: Vendor;
  /** The offer that failed. Absent if the whole cloud failed. */
  readonly offer?: Offer | undefined;
  /** Why it failed. */
  readonly kind: FailureKind;
  /** What went wrong, in one sentence without secrets. */
  readonly message: string;
  /** When it happened, in ISO 8601. */
  readonly at: string;
}

/** What a run waits for. */
export interface JobWait {
  /**
   * `no-offer`: no cloud has what the job needs, or what was listed could not be rented. `budget`: the fleet's budget has no room. `lease`:
   * other runs use the GPUs of the lease, or it is not ready.
   */
  readonly reason: 'no-offer' | 'budget' | 'lease';
  /** When the wait began, in ISO 8601. */
  readonly since: string;
  /** When the run gives up, in ISO 8601. For a lease, when that ends unless it is extended. */
  readonly until: string;
  /** What is missing, in one sentence. */
  readonly message: string;
  /** Place in the queue of the lease, from 1. */
  readonly place?: number | undefined;
}

/** The lease that a run uses. Its instance bills whether or not runs use it, so the cost of such a run is 0. */
export interface JobLease {
  /** Id of the lease, for `leaseHandle`. */
  readonly id: string;
  /** The name that the lease was started with. */
  readonly name: string;
  /** Indexes of the GPUs that the run has, in the order of `nvidia-smi`. Absent until it has them. */
  readonly gpus?: readonly number[] | undefined;
}

/** A node whose GPUs were idle for as long as `limits.idleGpu` allows. */
export interface IdleGpus {
  /** Index of the node, from 0. */
  readonly node: number;
  /** The instance that was the node. */
  readonly instanceName: string;
  /** When they became idle, in ISO 8601. */
  readonly since: string;
}

/** How far the instances are with the files that they download or send themselves, all nodes together. */
export interface JobTransfer {
  /** Files that are complete. */
  readonly files: number;
  /** Number of all files. */
  readonly totalFiles: number;
  /** Bytes that were transferred. */
  readonly bytes: number;
  /** Size of all files in bytes. Absent until the size of each file is known. */
  readonly totalBytes?: number | undefined;
}

/** Files of `files.down` that were sent to S3. */
export interface SentFiles {
  /** The object, or the prefix of all objects: `s3://bucket/prefix`. */
  readonly to: string;
  /** Number of files. */
  readonly files: number;
  /** Size of all files in bytes. */
  readonly bytes: number;
}

/** An instance of a run and what it costs. The instance of a lease costs the run nothing. */
export interface JobInstance extends InstanceAlarms {
  /** The instance name, which is also the id of the workflow that owns the instance. */
  readonly instanceName: string;
  /** Index among the instances that the job used at the same time, from 0. */
  readonly node: number;
  /** The offer that was rented, as it was listed before the create call. */
  readonly offer: Offer;
  /** The vendor's id of the instance. Absent until it is known. */
  readonly instanceId?: string | undefined;
  /** Address of SSH. Absent until the vendor reports that the instance is running. */
  readonly ssh?: SshAddress | undefined;
  /** Current US dollars per hour: the higher of the offer's price, including the disk, and the vendor's price of the instance. */
  readonly pricePerHour: number;
  /** Earlier prices in US dollars per hour, oldest first. `until` is when each price ended, in ISO 8601. */
  readonly earlierPrices?: readonly { readonly until: string; readonly pricePerHour: number }[] | undefined;
  /** When the create call was made, in ISO 8601. */
  readonly since: string;
  /** When the vendor first reported that the instance is running, in ISO 8601. SSH may not answer yet. */
  readonly runningSince?: string | undefined;
  /** When the vendor's list stopped showing the instance, in ISO 8601. Absent while it exists. */
  readonly until?: string | undefined;
}

/** One attempt of a job's command. Its output is stored apart from that of other attempts. */
export interface JobAttempt {
  /** Its number, from 1. */
  readonly attempt: number;
  /** When it began, in ISO 8601: the first one with the command, others directly after the one before. */
  readonly since: string;
  /** When its command ended, in ISO 8601. Absent while it has not. */
  readonly until?: string | undefined;
  /** Exit code of its command. With several nodes, the first one other than 0. Absent if it has none. */
  readonly exitCode?: number | undefined;
}

/** The state of a run at one moment. */
export interface JobStatus {
  /** Id of the run and of its workflow. */
  readonly id: string;
  /** The job's name. Several runs may have the same name. */
  readonly name: string;
  /** Number of instances that the job uses at the same time. */
  readonly nodes: number;
  /** What the run is doing now. See {@link jobPhases} for the order. */
  readonly phase: JobPhase;
  /** When the run started, in ISO 8601. */
  readonly startedAt: string;
  /** When the phase began, in ISO 8601. */
  readonly phaseSince: string;
  /** How the run ended. Present once the phase is `finished`. */
  readonly outcome?: JobOutcome | undefined;
  /** Why the run failed or was cancelled, in one sentence. */
  readonly message?: string | undefined;
  /** Seconds since the start. */
  readonly elapsedSeconds: number;
  /** US dollars so far, counted to the second from the create calls at the hourly prices. */
  readonly costSoFar: number;
  /** All instances that the run has rented, also before it was reset. Those that are gone have `until`. */
  readonly instances: readonly JobInstance[];
  /** The instances that exist now, ordered by node. */
  readonly activeInstances: readonly JobInstance[];
  /** The first active instance, which is the only one if the job has one node. */
  readonly current?: JobInstance | undefined;
  /** Failures that did not end the run, oldest first. `message` says what ended it. */
  readonly failures: readonly JobFailure[];
  /** The lease that the run uses. Absent if it rents instances. */
  readonly lease?: JobLease | undefined;
  /** What the run waits for. Absent while it does not wait. */
  readonly waiting?: JobWait | undefined;
  /** The latest node whose GPUs were idle for as long as `limits.idleGpu` allows. Present from then on, even if they are busy again. */
  readonly idleGpus?: IdleGpus | undefined;
  /** Present while the instances download or send files themselves, see `files` of the job. */
  readonly transfer?: JobTransfer | undefined;
  /** When a stop was requested, in ISO 8601. */
  readonly stopRequestedAt?: string | undefined;
  /** When the checkpoint was saved that the command started from on its current instance, in ISO 8601. */
  readonly restoredFrom?: string | undefined;
  /** Exit code of the latest setup. With several nodes, the first one other than 0. */
  readonly setupExitCode?: number | undefined;
  /** Exit code of the command, once no further attempt follows. With several nodes, the first one other than 0. */
  readonly exitCode?: number | undefined;
  /** The attempts of the command so far, oldest first. Present once it has begun, if the job has `retry.onFailure`. */
  readonly attempts?: readonly JobAttempt[] | undefined;
  /**
   * Duration and cost of each phase that has ended. Absent while no worker answers, and if the run was terminated or timed out, so that the
   * cost is unknown.
   */
  readonly phases?: JobBill['phases'] | undefined;
  /** See {@link JobBill.idleDollars}. Updated when the command ends on a node. */
  readonly idleDollars?: number | undefined;
}

/** What a run cost in total. */
export interface JobBill {
  /** The phases in order, each with its duration in seconds and the cost of the instances meanwhile in US dollars. */
  readonly phases: readonly { readonly phase: JobPhase; readonly seconds: number; readonly dollars: number }[];
  /** US dollars for all instances, from their create calls until the vendors' lists stopped showing them. */
  readonly dollars: number;
  /**
   * US dollars of the time in which all GPUs of a node were idle while its command ran: below `limits.idleGpu.below`, by default 5 percent.
   * Time without samples does not count. Absent if there are no samples, such as on an image without `nvidia-smi`.
   */
  readonly idleDollars?: number | undefined;
}

/** The result of a run, once its instances are gone. */
export interface JobResult extends JobBill {
  /** Id of the run and of its workflow. */
  readonly id: string;
  /** `succeeded` for exit code 0, `failed` for any other, `stopped` after a stop was requested. A cancelled run has no result. */
  readonly outcome: JobOutcome;
  /**
   * Exit code of the command. 143: it ended on SIGTERM after a stop. 137: it did not, and was killed. With several nodes, the exit code of
   * the first node that ended with a code other than 0.
   */
  readonly exitCode: number;
  /** Exit code of the command on each node. */
  readonly exitCodes: readonly number[];
  /** The attempts of the command, oldest first. Present if the job has `retry.onFailure`. */
  readonly attempts?: readonly JobAttempt[] | undefined;
  /** Exit code of the setup: always 0. Absent if the job has no setup. */
  readonly setupExitCode?: number | undefined;
  /** The offer of the instance on which the command ended. */
  readonly offer: Offer;
  /** The lease that the run used. Absent if it rented instances. */
  readonly lease?: JobLease | undefined;
  /** Failures that did not end the run, oldest first. */
  readonly failures: readonly JobFailure[];
  /** Files that were copied back, relative to the run's outputs folder. */
  readonly outputs: readonly string[];
  /** What the instances sent to S3. Present if `files.down` of the job has such a destination. */
  readonly sent?: readonly SentFiles[] | undefined;
}

/** The part of a run's status that does not change with time alone. */
export type JobFacts = Omit<JobStatus, 'elapsedSeconds' | 'costSoFar' | 'activeInstances' | 'current'> & {
  /** When the run ended, in ISO 8601. */
  readonly endedAt?: string | undefined;
  /** Cost in US dollars. Used if `instances` is incomplete because no worker answered. */
  readonly dollars?: number | undefined;
};

/** Returns the number of the latest attempt of a run, from 1. */
export function latestAttemptOf({ attempts = [] }: Pick<JobFacts, 'attempts'>): number {
  return Math.max(1, attempts.length);
}

/** Returns the instances that exist now, ordered by node. */
export function activeInstancesOf({ instances }: Pick<JobFacts, 'instances'>): readonly JobInstance[] {
  return instances.filter(({ until }) => until === undefined).toSorted((a, b) => a.node - b.node);
}

/**
 * Returns the status of a run at one moment.
 * @param now Milliseconds since the epoch.
 */
export function statusAt({ endedAt, dollars, ...facts }: JobFacts, now: number): JobStatus {
  const until = endedAt === undefined ? now : Date.parse(endedAt);
  const instances = activeInstancesOf(facts);
  const [current] = instances;
  return {
    ...facts,
    elapsedSeconds: Math.max(0, (until - Date.parse(facts.startedAt)) / 1000),
    costSoFar: dollars ?? costOf(facts.instances, now),
    activeInstances: instances,
    current,
  };
}

/**
 * Returns the cost of the instances in US dollars.
 * @param now End of the counted time, in milliseconds since the epoch.
 * @param from Start of the counted time, in milliseconds since the epoch. Default: 0, so that everything counts.
 */
export function costOf(
  instances: readonly Pick<JobInstance, 'since' | 'until' | 'pricePerHour' | 'earlierPrices'>[],
  now: number,
  from = 0,
): number {
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
