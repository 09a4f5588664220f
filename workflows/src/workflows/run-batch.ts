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
 * Runs many jobs, a window of them at a time. A failed job does not end the batch. The result has them all. Each part gets some of the items
 * and of the window, because one workflow cannot start runs fast enough. Parts may continue as new, and their runs outlive that. This
 * workflow never does, so clients cancel, terminate, and await this one.
 */
export async function runBatch(order: BatchOrder): Promise<BatchResult> {
  const parts = partsOf(order).map((part, number) => new Part(order, part, number));
  let failures = 0;
  // The signal to a part that has ended fails.
  const drain = async () => {
    await Promise.allSettled(parts.map((part) => part.drain()));
  };
  const itemFailed = async () => {
    failures += 1;
    if (order.maxFailures !== undefined && failures === order.maxFailures + 1) await drain();
  };
  setHandler(batchQuery, () => ({ total: order.items.length, parts: parts.map(({ id }) => id) }), {
    description: 'The number of items, and the ids of the parts, which know the state of each item.',
  });
  setHandler(itemFailedSignal, itemFailed, { description: 'From the parts: an item has failed.' });
  setHandler(drainSignal, drain, { description: 'Starts no further items. Those that run continue.' });
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

/** Runs some of the items of a batch. Continues as new, so their number is not limited. */
export async function runBatchPart(order: BatchPartOrder): Promise<readonly BatchItemResult[]> {
  return new BatchPart(order).run();
}

class Part {
  readonly id: string;
  readonly #of: string;
  readonly #order: BatchPartOrder;
  #draining = false;

  constructor({ id }: BatchOrder, order: BatchPartOrder, number: number) {
    // No id of a run or batch contains a slash.
    this.id = `${id}/part-${number}`;
    this.#of = id;
    this.#order = order;
  }

  drain(): Promise<void> {
    this.#draining = true;
    return this.#current.signal(drainSignal);
  }

  /** A part that was ended from outside leaves its runs behind. Another part cancels them and collects how they ended. */
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
      // Only a batch that was reset finds a running part. The new part adopts its runs.
      workflowIdReusePolicy: 'TERMINATE_IF_RUNNING',
      staticSummary: `${order.items.length} items of batch ${this.#of}`,
    });
    cancelled.catch(() => CancellationScope.nonCancellable(() => this.#current.cancel()).catch(() => undefined));
    // The drain was requested before the part had started.
    if (this.#draining && !given.draining) await this.#current.signal(drainSignal);
    return child.result();
  }

  /** The handle of a child refers to its first execution only, which ends when the part continues as new. */
  get #current(): ExternalWorkflowHandle {
    return getExternalWorkflowHandle(this.id);
  }
}

/** Deals out the items one by one, so all parts end at about the same time. Each part gets at least one place of the window. */
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
