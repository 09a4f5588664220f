import {
  type BatchCounts,
  type BatchFacts,
  type BatchItemResult,
  type BatchPartOrder,
  batchResultsQueryName,
  drainSignalName,
  statusQueryName,
} from '@gpu-clouds/jobs/contract';
import { defineQuery, defineSignal } from '@temporalio/workflow';

/** The workflow that runs a part. */
export type BatchPartWorkflow = (order: BatchPartOrder) => Promise<readonly BatchItemResult[]>;

export const batchQuery = defineQuery<BatchFacts>(statusQueryName);
/** The state of a part. */
export const countsQuery = defineQuery<BatchCounts>(statusQueryName);
/** The items of a part that have ended so far. */
export const resultsQuery = defineQuery<readonly BatchItemResult[]>(batchResultsQueryName);
/** Starts no further items. Those that run continue. */
export const drainSignal = defineSignal(drainSignalName);
/** From a part to its batch. */
export const itemFailedSignal = defineSignal('itemFailed');
