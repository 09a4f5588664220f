import {
  type BatchItemResult,
  type BatchOrder,
  type BatchPartOrder,
  type BatchResult,
  partCount,
} from '@gpu-clouds/jobs/contract';
import {
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  type ExternalWorkflowHandle,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  startChild,
} from '@temporalio/workflow';
import { batchQuery, drainSignal, itemFailedSignal } from './batch-api.ts';
import { BatchPart } from './batch-part.ts';

setWorkflowOptions({ failureExceptionTypes: [Error] }, runBatch);
setWorkflowOptions({ failureExceptionTypes: [Error] }, runBatchPart);

/**
 * Runs many jobs, a window of them at a time. One that fails does not end the batch; each is told in the result. The items are shared out to
 * parts, each with its share of the window, since one workflow cannot start runs fast enough for all. The parts may continue as new, and
 * their runs outlive that; this one never does, and so is whom cancelling, terminating and waiting is about.
 */
export async function runBatch(order: BatchOrder): Promise<BatchResult> {
  const parts = partsOf(order).map((part, number) => new Part(order, part, number));
  let failures = 0;
  // A part that has ended hears nothing.
  const drain = async () => {
    await Promise.allSettled(parts.map((part) => part.drain()));
  };
  const itemFailed = async () => {
    failures += 1;
    if (order.maxFailures !== undefined && failures === order.maxFailures + 1) await drain();
  };
  setHandler(batchQuery, () => ({ total: order.items.length, parts: parts.map(({ id }) => id) }), {
    description: 'How many items there are, and the ids of the parts that run them: those know how each stands.',
  });
  setHandler(itemFailedSignal, itemFailed, { description: 'From the parts, for the batch alone: an item has failed.' });
  setHandler(drainSignal, drain, { description: 'Starts no further items; those that run go on.' });
  setCurrentDetails(`${order.items.length} items in ${parts.length} parts, ${order.window} at a time`);
  const ends = await Promise.allSettled(parts.map((part) => part.run()));
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The batch was cancelled.');
  return resultOf(
    order.id,
    ends.flatMap((end) => {
      if (end.status === 'rejected') throw end.reason;
      return end.value;
    }),
  );
}

/** Runs some of the items of a batch, and survives any number of them by continuing as new. */
export async function runBatchPart(order: BatchPartOrder): Promise<readonly BatchItemResult[]> {
  return new BatchPart(order).run();
}

class Part {
  readonly id: string;
  readonly #of: string;
  readonly #order: BatchPartOrder;
  #draining = false;

  constructor({ id }: BatchOrder, order: BatchPartOrder, number: number) {
    // No run and no batch can have an id with a slash in it.
    this.id = `${id}/part-${number}`;
    this.#of = id;
    this.#order = order;
  }

  drain(): Promise<void> {
    this.#draining = true;
    return this.#current.signal(drainSignal);
  }

  /** One that was ended from outside has left its runs alone: another ends them, and tells how. */
  async run(): Promise<readonly BatchItemResult[]> {
    try {
      return await this.#once(this.#order);
    } catch (error) {
      if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
      return await CancellationScope.nonCancellable(() => this.#once({ ...this.#order, ending: true }));
    }
  }

  async #once(order: BatchPartOrder): Promise<readonly BatchItemResult[]> {
    const cancelled = CancellationScope.current().cancelRequested;
    const given = { ...order, draining: this.#draining };
    const child = await startChild(runBatchPart, {
      workflowId: this.id,
      args: [given],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      // Only a batch that was reset finds one. All it knows is in its runs, which the new one adopts.
      workflowIdReusePolicy: 'TERMINATE_IF_RUNNING',
      staticSummary: `${order.items.length} items of batch ${this.#of}`,
    });
    cancelled.catch(() => CancellationScope.nonCancellable(() => this.#current.cancel()).catch(() => undefined));
    // Asked meanwhile, when there was nobody to hear it.
    if (this.#draining && !given.draining) await this.#current.signal(drainSignal);
    return child.result();
  }

  /** A child's own handle means its first history, and nobody hears of it once that has continued as new. */
  get #current(): ExternalWorkflowHandle {
    return getExternalWorkflowHandle(this.id);
  }
}

/** Dealt out one by one, so that all parts end at about the same time. No part without a place in the window. */
function partsOf(order: BatchOrder): readonly BatchPartOrder[] {
  const count = partCount(order);
  return Array.from({ length: count }, (_, number) => ({
    ...order,
    items: order.items.filter((_item, index) => index % count === number),
    window: Math.floor((order.window + number) / count),
    done: [],
    open: [],
    draining: false,
    ending: false,
  }));
}

function resultOf(id: string, results: readonly BatchItemResult[]): BatchResult {
  const items = results.toSorted((a, b) => a.index - b.index);
  const outcome = items.every((item) => item.outcome === 'succeeded') ? 'succeeded' : 'failed';
  return { id, outcome, items, dollars: items.reduce((sum, { dollars }) => sum + dollars, 0) };
}
