import type { FailureKind } from './failure-kinds.ts';
import type { BatchItem } from './job/batch-item.ts';
import type { Job } from './job/job-schema.ts';
import type { JobOutcome } from './job-status.ts';

/** Input of `runBatch`. */
export interface BatchOrder {
  /** The batch's id. The run of item 7 is `<id>-7`. */
  readonly id: string;
  /** The fleet that the runs' instances belong to. */
  readonly fleet: string;
  /** The job that each item is a variant of. */
  readonly job: Job;
  /** The items to run, in order. */
  readonly items: readonly NumberedItem[];
  /** Maximum number of runs at the same time. */
  readonly window: number;
  /** Once more items than this have failed, no further items start. If omitted, all items start. */
  readonly maxFailures?: number | undefined;
  /** Id of the run store that the runs' files are in, as in `JobOrder`. */
  readonly store?: string | undefined;
  /** Accounts of the budget that the runs' cost counts to, as in `JobOrder`. */
  readonly budgetAccounts?: readonly string[] | undefined;
  /** Version of this input's form, as in `JobOrder`. */
  readonly contract?: string | undefined;
  /** Whether the namespace has our search attributes. */
  readonly searchable?: boolean | undefined;
  /** Maximum number of items in one part, unless the window is too small for that many parts. */
  readonly partSize: number;
  /** Number of runs after which a part continues as new. */
  readonly runsPerHistory: number;
}

/** Input of `runBatchPart`. Its `items` are the items that have not started yet. */
export interface BatchPartOrder extends BatchOrder {
  /** Results of the items that have ended so far. */
  readonly done: readonly BatchItemResult[];
  /** Indexes of the items whose runs started before the workflow continued as new. */
  readonly open: readonly number[];
  /** Whether the part starts no further items. */
  readonly draining: boolean;
  /**
   * Whether the part starts no further items and cancels the started runs, because its previous execution was cancelled,
   * terminated, or timed out.
   */
  readonly ending: boolean;
}

/** An item and its index in the batch. */
export interface NumberedItem {
  /** Index in the batch, from 0. */
  readonly index: number;
  /** How the item differs from the job. */
  readonly item: BatchItem;
}

/** How the run of an item ended. */
export interface BatchItemEnd {
  /** `skipped` means that the run never started, because too many items had failed or the batch was drained. */
  readonly outcome: JobOutcome | 'skipped';
  /** Exit code of the item's command, 0 to 255. Absent if there is none; then `kind` and `message` say why, unless the item was skipped. */
  readonly exitCode?: number | undefined;
  /** Cost of the item in US dollars. */
  readonly dollars: number;
  /** Why there is no exit code. Same values as `JobFailedError.kind`. */
  readonly kind?: FailureKind | undefined;
  /** Error message of the run, cut to 120 bytes. The run itself has the full message. */
  readonly message?: string | undefined;
}

/** How one item of a batch ended, and the id of the run that has its output and files. */
export interface BatchItemResult extends BatchItemEnd {
  /** Index in the list of items, from 0. */
  readonly index: number;
  /** The run's id. */
  readonly id: string;
}

/** The result of a batch, once all its runs have ended. */
export interface BatchResult {
  /** Id of the batch and of its workflow. The run of item 7 is `<id>-7`. */
  readonly id: string;
  /** `succeeded` if all items succeeded, otherwise `failed`. */
  readonly outcome: 'succeeded' | 'failed';
  /** The results of all items, in order. */
  readonly items: readonly BatchItemResult[];
  /** Cost of all items in US dollars. */
  readonly dollars: number;
}

/** Number of items in each state. */
export interface BatchCounts {
  /** All items, including those that have not started or never will. */
  readonly total: number;
  /** Items whose runs have started and not ended. At most the window. */
  readonly running: number;
  /** Items whose runs have ended, with any outcome. */
  readonly done: number;
  /** Ended items whose outcome is `failed`, which `maxFailures` limits. Stopped and cancelled items do not count. */
  readonly failed: number;
  /** Cost in US dollars of the items that have ended. */
  readonly dollars: number;
}

/** The current state of a batch. */
export interface BatchStatus extends BatchCounts {
  /** Id of the batch and of its workflow. */
  readonly id: string;
  /** `running` until the last run has ended, even if the batch was drained. */
  readonly state: BatchState;
}

/** State of a batch. `succeeded` and `failed` mean that each item has ended or was skipped. */
export type BatchState = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'terminated';

/** Answer of the `status` query of `runBatch`. The parts know the state of the items. */
export interface BatchFacts {
  /** Number of items. */
  readonly total: number;
  /** Ids of the workflows of its parts. */
  readonly parts: readonly string[];
}
