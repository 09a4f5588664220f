import type { BatchItem } from './job/batch-item.ts';
import type { Job } from './job/job-schema.ts';
import type { JobOutcome } from './job-status.ts';

/** Input of `runBatch`. */
export interface BatchOrder {
  /** Of the batch: the run of item 7 is `<id>-7`. */
  readonly id: string;
  readonly deployment: string;
  readonly job: Job;
  readonly items: readonly NumberedItem[];
  /** Runs at a time. */
  readonly window: number;
  /** With more failures than this no further item is started. Left out: all are, whatever happens. */
  readonly maxFailures?: number;
  /** More items than this are shared out to batches of their own. */
  readonly partSize: number;
  /** Runs that one history of the workflow holds; then it continues as new. */
  readonly runsPerHistory: number;
  /** Ends of items before the workflow continued as new. */
  readonly done: readonly BatchItemResult[];
  /** Id of the batch's workflow of which this is a part. */
  readonly partOf?: string;
}

export interface NumberedItem {
  readonly index: number;
  readonly item: BatchItem;
}

export interface BatchItemResult {
  /** Place in the list of items, from 0. */
  readonly index: number;
  /** Of the run. */
  readonly id: string;
  /** `skipped`: never started, since too many had failed or the batch was drained. */
  readonly outcome: JobOutcome | 'skipped';
  readonly exitCode?: number;
  /** US dollars. */
  readonly dollars: number;
  /** Why there is no exit code: as in `JobFailedError`. */
  readonly kind?: string;
  readonly message?: string;
}

export interface BatchResult {
  readonly id: string;
  /** `succeeded`: all items did. */
  readonly outcome: 'succeeded' | 'failed';
  /** In the order of the items. */
  readonly items: readonly BatchItemResult[];
  /** US dollars of all items. */
  readonly dollars: number;
}

/** How a batch stands. */
export interface BatchStatus {
  readonly total: number;
  readonly running: number;
  /** Ended, with whatever outcome. */
  readonly done: number;
  readonly failed: number;
}

/** What a workflow of a batch answers: of itself, or by which others to ask. */
export interface BatchFacts extends BatchStatus {
  readonly parts: readonly string[];
}
