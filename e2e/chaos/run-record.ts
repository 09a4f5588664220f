import type { Evidence } from './evidence.ts';
import type { Interference, PlannedRun } from './plan.ts';

/** How the product says that a run ended. */
export interface Reported {
  /** `succeeded` or `failed` for a command that ended, else the kind of the `JobFailedError`. */
  readonly outcome: string;
  readonly exitCode?: number;
  readonly message?: string;
}

/** All that is known of one run in the end. */
export interface RunRecord {
  readonly plan: PlannedRun;
  /** What was really done to it, of what was planned. */
  readonly suffered: ReadonlySet<Interference['what']>;
  /** Absent when it never ended. */
  readonly reported?: Reported;
  readonly evidence: Evidence;
  /** What is stored of each of its instances, by rank. */
  readonly kept: readonly Kept[];
}

export interface Kept {
  readonly output: string;
  /** The file that was brought back, if it was. */
  readonly file?: string;
}
