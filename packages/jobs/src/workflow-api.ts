import type { Job } from './job/job-schema.ts';
import type { JobStatus } from './job-status.ts';

/** Task queues of the workflows and activities. */
export const taskQueues = {
  /** Workflows, and activities that do not call a vendor. */
  workflows: 'gpu-clouds',
  /** Activities that talk to instances over SSH while their commands run. */
  follow: 'gpu-clouds-follow',
  /** Activities that create, destroy, and list at one vendor. Each vendor has its own queue, so that its rate limits can be kept. */
  vendor: (vendor: string) => `gpu-clouds-${vendor}`,
  /** Activities that watch a vendor's instances while they exist. They have their own queue, so that no teardown waits behind them. */
  watch: (vendor: string) => `gpu-clouds-${vendor}-watch`,
} as const;

/** Workflow types, for clients that do not use this package. */
export const workflowNames = {
  /** One run of a job, from the search for offers until its last instance is gone. */
  job: 'runJob',
  /** Owns one instance or job deployment of a run, or a lease. Its workflow id is the instance name. */
  instance: 'instance',
  /** Sends the notifications of a run that has ended. Its workflow id is that of the run and `/notify`. */
  notify: 'notifyRun',
  /** One run of the reaper, started by a schedule. */
  reaper: 'reapOrphans',
  /** Many runs of one job. */
  batch: 'runBatch',
  /** One part of a batch's items, started by the batch. */
  batchPart: 'runBatchPart',
  /** Keeps a fleet's budgets. Runs only while there is one. */
  budget: 'budgetLedger',
} as const;
/** Query of a run, a batch, or a part of a batch for its state. */
export const statusQueryName = 'status';
/** Names of the signal, updates, and queries of an `instance` workflow. */
export const instanceNames = {
  /** Signal, and update that fails if the release is refused. Input: `Release`. */
  release: 'release',
  /** Update. Input: `Extension`. */
  extend: 'extend',
  /** Query for the `InstanceConnection`. */
  connection: 'connection',
  /** Query for the `InstanceFacts`. */
  facts: 'instance',
  /** Signal from its own teardown: whether the account looks wrong. Input: boolean. */
  accountSuspect: 'accountSuspect',
} as const;
/** Signal after which a batch starts no further items. */
export const drainSignalName = 'drain';
/** Query of a part of a batch for the items that have ended. */
export const batchResultsQueryName = 'results';
/** Signal after which a run ends its command, collects its files, and destroys its instances. */
export const stopSignalName = 'stop';
/** Signal from a worker to a run: the GPUs of a node were idle for as long as the job allows. Input: `IdleGpus`. */
export const idleGpusSignalName = 'idleGpus';
/**
 * Memo field of an `instance` workflow: when its caps end the instance, in ISO 8601.
 * The reaper destroys the instance after this time, even if its owner is still running.
 */
export const mustEndByMemo = 'mustEndBy';

/** Memo field of an `instance` workflow: its {@link LeasePrices}, once a worker has started it. */
export const pricesMemo = 'prices';

/** What an instance costs. */
export interface LeasePrices {
  /** Current US dollars per hour: the higher of the offer's price, including the disk, and the vendor's price of the instance. */
  readonly pricePerHour: number;
  /** Earlier prices in US dollars per hour, oldest first. `until` is when each price ended, in ISO 8601. */
  readonly earlierPrices: readonly { readonly until: string; readonly pricePerHour: number }[];
}

/** Milliseconds after which a teardown counts as stuck and needs a person's attention. */
export const teardownStuckAfterMs = 10 * 60_000;

/** Input of `runJob`. */
export interface JobOrder<J extends Job = Job> {
  /** Id of the run and of its workflow. */
  readonly id: string;
  /** The fleet that the run's instances belong to. A worker of another fleet refuses the job. */
  readonly fleet: string;
  /**
   * The job as `parseJob` and `startJob` leave it: checked, with defaults filled in and inputs in place of upload paths. Or the content of a job
   * file as JSON, which the worker checks and completes: `files.up` must then have `input`.
   */
  readonly job: J;
  /** Id of the run store that the run's files are in. A worker with another store refuses the job. Absent: any store. */
  readonly store?: string | undefined;
  /** Accounts of the budget that its cost counts to, in addition to the fleet's. */
  readonly budgetAccounts?: readonly string[] | undefined;
  /** Whether the run waits for room in the budget before it rents, however long that takes. Items of a batch do. */
  readonly waitsForBudget?: boolean | undefined;
  /** Version of this input's form, see {@link contractVersion}. Absent: `1.0`. */
  readonly contract?: string | undefined;
  /** Whether the namespace has our search attributes. */
  readonly searchable?: boolean | undefined;
  /** Id of a lease to run on. Nothing is rented then. */
  readonly lease?: string | undefined;
}

/** Input of a `runJob` that a Temporal schedule starts: the id of the run is the workflow's, which Temporal makes for each start. */
export type ScheduledOrder = Omit<JobOrder, 'id'> & {
  /** Always absent. */
  readonly id?: undefined;
};

/** Input of `reapOrphans`, which a schedule starts. */
export interface ReapOrder {
  /** The fleet to clean up. A worker of another fleet refuses the order. */
  readonly fleet: string;
  /** Grace period in milliseconds. Default: 10 minutes. */
  readonly graceMs?: number | undefined;
  /** Whether to report orphans without destroying them. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/** The memo of a `runJob` or `runBatch` workflow. */
export interface JobMemo {
  /** Name of the job. */
  readonly name: string;
  /** The fleet that the run's instances belong to. */
  readonly fleet: string;
  /** Number of instances that the job uses at the same time. Absent for a batch. */
  readonly nodes?: number | undefined;
  /** Id of the batch that the run is an item of. */
  readonly batch?: string | undefined;
  /** Name of the schedule that started the run. */
  readonly schedule?: string | undefined;
  /** Tags of the run, to find it by. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Ids of the inputs that the run or the items of the batch may still need. The run store keeps them while the workflow is open. */
  readonly inputs?: readonly string[] | undefined;
}

export type { JobStatus };
