import type { Job } from './job/job-schema.ts';
import type { JobStatus } from './job-status.ts';

/** Where workflows and activities of this package run. */
export const taskQueues = {
  /** Workflows, and activities that ask no cloud. */
  workflows: 'gpu-clouds',
  /** Activities that talk to instances over SSH, for as long as their commands run. */
  follow: 'gpu-clouds-follow',
  /** Activities that make, destroy and list at a vendor: one queue each, so that its limits can be kept. */
  vendor: (vendor: string) => `gpu-clouds-${vendor}`,
  /** Activities that watch what there is at a vendor, for as long as it lives: however many, no teardown waits behind them. */
  watch: (vendor: string) => `gpu-clouds-${vendor}-watch`,
} as const;

/** Types of the workflows, and names of what they answer to; for clients that are not this package. */
export const workflowNames = {
  /** A job, from the search for offers to the end of its last instance. */
  job: 'runJob',
  /** Owns one instance, of a job or a lease. Its id is the instance's instance name. */
  instance: 'instance',
  /** Owns one of Verda's job deployments. Its id is the deployment's instance name. */
  jobDeployment: 'jobDeployment',
  /** One look of the reaper, started by a schedule. */
  reaper: 'reapOrphans',
  /** Many runs of one job. */
  batch: 'runBatch',
  /** A share of a batch's items, started by the batch. */
  batchPart: 'runBatchPart',
} as const;
/** Query of a run, a batch and a part of a batch: how it stands. */
export const statusQueryName = 'status';
/** What an `instance` workflow answers to. */
export const instanceNames = {
  /** A signal, and an update that says whether it was heard. */
  release: 'release',
  /** An update. */
  extend: 'extend',
  /** A query. */
  connection: 'connection',
  /** A query. */
  facts: 'instance',
} as const;
/** Asks a batch to start no further items. */
export const drainSignalName = 'drain';
/** Asks a part of a batch for the items that have ended. */
export const batchResultsQueryName = 'results';
/** Asks a run to end its command, collect the files and tear down. */
export const stopSignalName = 'stop';
/** Field of an `instance` workflow's memo: when its caps end the instance, ISO 8601. Whoever cleans up goes by it when the owner cannot. */
export const mustEndByMemo = 'mustEndBy';

/** A teardown that takes longer than this needs somebody to look at it. */
export const teardownStuckAfterMs = 10 * 60_000;

/** Input of `runJob`. */
export interface JobOrder {
  /** Id of the run, and of its workflow. */
  readonly id: string;
  /** Whose instances they are: a worker of another fleet refuses the job. */
  readonly fleet: string;
  /** As `parseJob` gives it: checked, with defaults filled in and upload paths made absolute. */
  readonly job: Job;
  /** The namespace has our search attributes. */
  readonly searchable?: boolean;
}

/** Input of `reapOrphans`, which a schedule starts. */
export interface ReapOrder {
  /** Whose instance names are looked for; a worker of another fleet refuses to look. */
  readonly fleet: string;
  /** Milliseconds. Default 10 minutes. */
  readonly graceMs?: number;
  /** Report only. Default false. */
  readonly dryRun?: boolean;
}

/** What the memo of a `runJob` workflow holds. */
export interface JobMemo {
  /** Name of the job. */
  readonly name: string;
  /** Whose instances the run rents. */
  readonly fleet: string;
  /** Instances that it is on at a time. Absent of a batch. */
  readonly nodes?: number;
  /** Id of the batch that it is an item of. */
  readonly batch?: string;
}

export type { JobStatus };
