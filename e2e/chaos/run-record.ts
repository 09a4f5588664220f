import type { JobBill, JobFailure } from '@gpu-clouds/jobs';
import type { Evidence } from './evidence.ts';
import type { FaultClass } from './faults/index.ts';
import type { PlannedRun } from './plan.ts';

/** The outcome of a run as the product reports it. */
export interface Reported {
  /** `succeeded` or `failed` for a command that ended, otherwise the kind of the `JobFailedError`. */
  readonly outcome: string;
  readonly exitCode?: number | undefined;
  readonly message?: string | undefined;
  /** Cost of the run in US dollars, if the product reports one. */
  readonly dollars?: number | undefined;
  /** Phases with their cost, if the product reports them. */
  readonly phases?: JobBill['phases'] | undefined;
}

/** Everything known about one run after it ended. */
export interface RunRecord {
  /** With the ID of the run, which a schedule makes. */
  readonly plan: PlannedRun;
  /** Planned interferences that were applied, to its lease too. */
  readonly applied: ReadonlySet<FaultClass>;
  /** Absent when the run never ended. */
  readonly reported?: Reported | undefined;
  /** Prices in US dollars per hour that the product shows of its instances. */
  readonly prices: readonly { readonly name: string; readonly pricePerHour: number }[];
  /** Failures that did not end the run, as the product shows them. Undefined if it does not show them all. */
  readonly failures?: readonly Pick<JobFailure, 'vendor' | 'at'>[] | undefined;
  readonly evidence: Evidence;
  /** Checkpoints that the run store was seen to have, oldest first. */
  readonly stored?: readonly StoredCheckpoint[] | undefined;
  /** Whether the product was seen to show that its GPUs were idle. */
  readonly flagged?: boolean | undefined;
  /** What the run store has of each instance, by rank. */
  readonly kept: readonly Kept[];
  /** The lease that it ran on, if it did. */
  readonly lease?: LeaseRecord | undefined;
  /** The files that it downloads, with their SHA-256, and what the bucket has of its result. Undefined if it has none from elsewhere. */
  readonly elsewhere?:
    | { readonly downloads: ReadonlyMap<string, string>; readonly sent?: string | undefined }
    | undefined;
}

/** A checkpoint in the run store. */
export interface StoredCheckpoint {
  /** The instance whose command wrote it. */
  readonly by: string;
  readonly step: number;
  /** Milliseconds since the epoch. */
  readonly seenAt: number;
}

/** Stored output and result file of one instance. */
export interface Kept {
  /** Of the first attempt. */
  readonly output: string;
  /** Output of the second attempt, if the job allows one. */
  readonly again?: string | undefined;
  /** The collected result file, if any. */
  readonly file?: string | undefined;
}

/** A lease that runs use, and what became of it. */
export interface LeaseRecord {
  readonly id: string;
  readonly name: string;
  /** What struck its instance. */
  readonly applied: Set<FaultClass>;
  /** Whether it was released here, before it had ended by itself. */
  released: boolean;
  /** Why it ended: `released`, `cap-reached`, or a kind of failure. Undefined if it has not ended. */
  end?: string | undefined;
  /** What it cost as the product reports it, in US dollars. */
  dollars?: number | undefined;
}
