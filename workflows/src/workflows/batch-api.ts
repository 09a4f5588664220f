import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { BatchFacts } from '../batch-status.ts';
import { drainSignalName, statusQueryName } from '../workflow-api.ts';

export const batchQuery = defineQuery<BatchFacts>(statusQueryName);
/** Starts no further items; those that run go on. */
export const drainSignal = defineSignal(drainSignalName);
/** From a part of a batch to the whole. */
export const itemFailedSignal = defineSignal('itemFailed');
