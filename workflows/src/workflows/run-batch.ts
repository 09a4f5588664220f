import {
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  setHandler,
  setWorkflowOptions,
  startChild,
} from '@temporalio/workflow';
import type { BatchItemResult, BatchOrder, BatchResult } from '../batch-status.ts';
import { batchQuery, drainSignal, itemFailedSignal } from './batch-api.ts';
import { BatchPart, runIdOf } from './batch-part.ts';

setWorkflowOptions({ failureExceptionTypes: [Error] }, runBatch);

/**
 * Runs many jobs, a window of them at a time. One that fails does not end the batch; each is told in the result. Items beyond the size of
 * a part are shared out to batches of their own, each with its share of the window: one workflow cannot start runs fast enough for all.
 */
export async function runBatch(order: BatchOrder): Promise<BatchResult> {
  const items = order.items.length > order.partSize ? await runParts(order) : await new BatchPart(order).run();
  return resultOf(order.id, items);
}

async function runParts(order: BatchOrder): Promise<readonly BatchItemResult[]> {
  const parts = partsOf(order);
  const ids = parts.map((_, number) => `${order.id}-part-${number}`);
  setHandler(batchQuery, () => ({ total: order.items.length, running: 0, done: 0, failed: 0, parts: ids }));
  const children = await Promise.all(
    parts.map((part, number) =>
      startChild(runBatch, {
        workflowId: ids[number] ?? '',
        args: [part],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        staticSummary: `${part.items.length} items of batch ${order.id}`,
      }),
    ),
  );
  // A part that has ended hears nothing.
  const drain = () => Promise.allSettled(children.map((child) => child.signal(drainSignal)));
  let failures = 0;
  setHandler(itemFailedSignal, async () => {
    failures += 1;
    if (order.maxFailures !== undefined && failures === order.maxFailures + 1) await drain();
  });
  setHandler(drainSignal, async () => {
    await drain();
  });
  const ends = await Promise.allSettled(children.map((child) => child.result()));
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The batch was cancelled.');
  return ends.flatMap((end, number) => (end.status === 'fulfilled' ? end.value.items : lost(order, parts[number])));
}

/** Dealt out one by one, so that all parts end at about the same time. No part without a place in the window. */
function partsOf(order: BatchOrder): readonly BatchOrder[] {
  const count = Math.min(Math.ceil(order.items.length / order.partSize), order.window);
  return Array.from({ length: count }, (_, number) => {
    const items = order.items.filter((_item, index) => index % count === number);
    const window = Math.floor((order.window + number) / count);
    // A part has no parts, however long it is.
    return { ...order, items, window, partSize: items.length, partOf: order.id };
  });
}

/** A part that was ended from outside has cancelled its runs, and can no longer say how they ended. */
function lost(order: BatchOrder, part: BatchOrder | undefined): readonly BatchItemResult[] {
  const message = 'The part of the batch that ran this item was ended from outside.';
  return (part?.items ?? []).map(({ index }) => ({
    index,
    id: runIdOf(order, index),
    outcome: 'failed',
    dollars: 0,
    kind: 'terminated',
    message,
  }));
}

function resultOf(id: string, results: readonly BatchItemResult[]): BatchResult {
  const items = results.toSorted((a, b) => a.index - b.index);
  const outcome = items.every((item) => item.outcome === 'succeeded') ? 'succeeded' : 'failed';
  return { id, outcome, items, dollars: items.reduce((sum, { dollars }) => sum + dollars, 0) };
}
