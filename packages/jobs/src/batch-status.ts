import type { BatchItem } from './job/batch-item.ts';
import type { Job } from './job/job-schema.ts';
import type { JobOutcome } from './job-status.ts';

/** Input of `runBatch`. */
export interface BatchOrder {
  /** Of the batch: the run of item 7 is `<id>-7`. */
  readonly id: string;
  /** Whose instances the runs rent. */
  readonly fleet: string;
  /** What each item changes something of. */
  readonly job: Job;
  /** The items to run, in their order. */
  readonly items: readonly NumberedItem[];
  /** Runs at a time. */
  readonly window: number;
  /** With more failures than this no further item is started. Left out: all are, whatever happens. */
  readonly maxFailures?: number;
  /** The namespace has our search attributes. */
  readonly searchable?: boolean;
  /** Items that one part of the batch has at most, where the window has a place for each part. */
  readonly partSize: number;
  /** Runs that one history of a part holds; then it continues as new. */
  readonly runsPerHistory: number;
}

/** Input of `runBatchPart`. Its items are those that were not started yet. */
export interface BatchPartOrder extends BatchOrder {
  /** Ends of items so far. */
  readonly done: readonly BatchItemResult[];
  /** Places of the items whose runs were started before the workflow continued as new. */
  readonly open: readonly number[];
  /** Start nothing more. */
  readonly draining: boolean;
  /** Start nothing more, and cancel what was started: the part was ended from outside, and this is its end in order. */
  readonly ending: boolean;
}

/** An item and its place in the batch. */
export interface NumberedItem {
  /** Counted from 0. */
  readonly index: number;
  /** What it has otherwise than the job. */
  readonly item: BatchItem;
}

/** How the run of an item ended. */
export interface BatchItemEnd {
  /** `skipped`: never started, since too many had failed or the batch was drained. */
  readonly outcome: JobOutcome | 'skipped';
  /** Of the item's command, 0 to 255. Absent when it was skipped, or ended without one: `kind` and `message` say why. */
  readonly exitCode?: number;
  /** US dollars. */
  readonly dollars: number;
  /** Why there is no exit code: as in `JobFailedError`. */
  readonly kind?: string;
  /** At most 120 bytes: the run itself has it all. */
  readonly message?: string;
}

/** How one item of a batch ended, and which run to look at for its output and files. */
export interface BatchItemResult extends BatchItemEnd {
  /** Place in the list of items, from 0. */
  readonly index: number;
  /** Of the run. */
  readonly id: string;
}

/** What a batch came to, once all its runs have ended. */
export interface BatchResult {
  /** Of the batch, and of its workflow; the run of item 7 is `<id>-7`. */
  readonly id: string;
  /** `succeeded`: all items did. */
  readonly outcome: 'succeeded' | 'failed';
  /** In the order of the items. */
  readonly items: readonly BatchItemResult[];
  /** US dollars of all items. */
  readonly dollars: number;
}

/** How many items stand how. */
export interface BatchCounts {
  /** All items, with those that have not been started or never will be. */
  readonly total: number;
  /** Items whose runs have been started and have not ended: no more than the window. */
  readonly running: number;
  /** Ended, with whatever outcome. */
  readonly done: number;
  /** Those of `done` whose outcome is `failed`; stopped and cancelled ones are not among them. `maxFailures` counts these. */
  readonly failed: number;
  /** US dollars of the items that have ended. */
  readonly dollars: number;
}

/** How a batch stands. */
export interface BatchStatus extends BatchCounts {
  /** Of the batch, and of its workflow. */
  readonly id: string;
  /** `running` until the last run has ended, for a drained batch too. */
  readonly state: BatchState;
}

/** `succeeded` and `failed`: all items have ended, or are skipped. */
export type BatchState = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'terminated';

/** What `runBatch` answers: who knows more. */
export interface BatchFacts {
  /** Number of items. */
  readonly total: number;
  /** Ids of the workflows of its parts. */
  readonly parts: readonly string[];
}
