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

/** Of the workflow that runs a part. */
export type BatchPartWorkflow = (order: BatchPartOrder) => Promise<readonly BatchItemResult[]>;

export const batchQuery = defineQuery<BatchFacts>(statusQueryName);
/** Of a part. */
export const countsQuery = defineQuery<BatchCounts>(statusQueryName);
/** Of a part: the items that have ended so far. */
export const resultsQuery = defineQuery<readonly BatchItemResult[]>(batchResultsQueryName);
/** Starts no further items; those that run go on. */
export const drainSignal = defineSignal(drainSignalName);
/** From a part of a batch to the whole. */
export const itemFailedSignal = defineSignal('itemFailed');
