import type { JobBill } from '@gpu-clouds/jobs';
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
  readonly plan: PlannedRun;
  /** Planned interferences that were applied. */
  readonly applied: ReadonlySet<FaultClass>;
  /** Absent when the run never ended. */
  readonly reported?: Reported | undefined;
  /** Prices in US dollars per hour that the product shows of its instances. */
  readonly prices: readonly { readonly name: string; readonly pricePerHour: number }[];
  readonly evidence: Evidence;
  /** What the run store has of each instance, by rank. */
  readonly kept: readonly Kept[];
}

/** Stored output and result file of one instance. */
export interface Kept {
  readonly output: string;
  /** The collected result file, if any. */
  readonly file?: string | undefined;
}
