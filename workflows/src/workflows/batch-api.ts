import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { BatchCounts, BatchFacts, BatchItemResult } from '../batch-status.ts';
import { batchResultsQueryName, drainSignalName, statusQueryName } from '../workflow-api.ts';

export const batchQuery = defineQuery<BatchFacts>(statusQueryName);
/** Of a part. */
export const countsQuery = defineQuery<BatchCounts>(statusQueryName);
/** Of a part: the items that have ended so far. */
export const resultsQuery = defineQuery<readonly BatchItemResult[]>(batchResultsQueryName);
/** Starts no further items; those that run go on. */
export const drainSignal = defineSignal(drainSignalName);
/** From a part of a batch to the whole. */
export const itemFailedSignal = defineSignal('itemFailed');
