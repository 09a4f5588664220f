import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { BatchItemResult, BatchOrder, NumberedItem } from '../batch-status.ts';
import { jobOfItem } from '../job/batch-item.ts';
import { type JobMemo, type JobOrder, workflowNames } from '../workflow-api.ts';
import { batchQuery, drainSignal, itemFailedSignal } from './batch-api.ts';
import { storyOf } from './failure-story.ts';
import type { runBatch } from './run-batch.ts';
import type { runJob } from './run-job.ts';

/** Characters of a message that a batch keeps: the run itself has it all. */
const messageLength = 120;

/** The run of an item, the same whenever it is asked for. */
export function runIdOf({ id }: Pick<BatchOrder, 'id'>, index: number): string {
  return `${id}-${index}`;
}

/** Items that one workflow runs by itself. */
export class BatchPart {
  readonly #order: BatchOrder;
  readonly #waiting: NumberedItem[];
  readonly #results: BatchItemResult[];
  #running = 0;
  #started = 0;
  #draining = false;

  constructor(order: BatchOrder) {
    this.#order = order;
    this.#waiting = [...order.items];
    this.#results = [...order.done];
    setHandler(drainSignal, () => {
      this.#draining = true;
    });
    setHandler(batchQuery, () => ({
      total: this.#waiting.length + this.#running + this.#results.length,
      running: this.#running,
      done: this.#results.length,
      failed: this.#failures(),
      parts: [],
    }));
  }

  async run(): Promise<readonly BatchItemResult[]> {
    try {
      while (this.#mayStart() && !this.#historyIsFull()) {
        await condition(() => this.#running < this.#order.window || !this.#mayStart());
        if (this.#mayStart()) this.#start();
      }
    } finally {
      // No run is left alone, be it by a cancelled batch or by one that continues as new.
      await CancellationScope.nonCancellable(() => condition(() => this.#running === 0));
    }
    if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The batch was cancelled.');
    if (this.#mayStart()) {
      await continueAsNew<typeof runBatch>({ ...this.#order, items: this.#waiting, done: this.#results });
    }
    return [...this.#results, ...this.#waiting.map(({ index }) => this.#result(index, { outcome: 'skipped' }))];
  }

  #mayStart(): boolean {
    return this.#waiting.length > 0 && !this.#draining && !this.#tooManyFailures();
  }

  #tooManyFailures(): boolean {
    const { maxFailures } = this.#order;
    return maxFailures !== undefined && this.#failures() > maxFailures;
  }

  #failures(): number {
    return this.#results.filter(({ outcome }) => outcome === 'failed').length;
  }

  #historyIsFull(): boolean {
    return this.#started >= this.#order.runsPerHistory || workflowInfo().continueAsNewSuggested;
  }

  #start(): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#running += 1;
    this.#started += 1;
    this.#runItem(next).then(async (result) => {
      this.#results.push(result);
      if (result.outcome === 'failed') await this.#tellTheWhole();
      this.#running -= 1;
      setCurrentDetails(`${this.#results.length} of ${this.#order.items.length + this.#order.done.length} items ended`);
    });
  }

  /** Never rejects. */
  async #runItem({ index, item }: NumberedItem): Promise<BatchItemResult> {
    const { deployment } = this.#order;
    const job = jobOfItem(this.#order.job, item);
    const order: JobOrder = { id: runIdOf(this.#order, index), deployment, job };
    const memo: JobMemo = { name: job.name, deployment };
    try {
      const child = await startChild<typeof runJob>(workflowNames.job, {
        workflowId: order.id,
        args: [order],
        memo: { ...memo },
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        // A run's machines and folder are named after its id.
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `Item ${index} of batch ${this.#order.id}`,
      });
      const { outcome, exitCode, dollars } = await child.result();
      return this.#result(index, { outcome, exitCode, dollars });
    } catch (error) {
      if (isCancellation(error)) return this.#result(index, { outcome: 'cancelled', dollars: dollarsOf(error) });
      const { kind, message } = storyOf(error);
      return this.#result(index, {
        outcome: kind === 'stopped' ? 'stopped' : 'failed',
        dollars: dollarsOf(error),
        kind,
        message: message.slice(0, messageLength),
      });
    }
  }

  #result(
    index: number,
    end: Omit<BatchItemResult, 'index' | 'id' | 'dollars'> & { readonly dollars?: number },
  ): BatchItemResult {
    return { index, id: runIdOf(this.#order, index), dollars: 0, ...end };
  }

  async #tellTheWhole(): Promise<void> {
    const { partOf, maxFailures } = this.#order;
    if (partOf === undefined || maxFailures === undefined) return;
    // Nobody may be left to hear it.
    await CancellationScope.nonCancellable(() => getExternalWorkflowHandle(partOf).signal(itemFailedSignal)).catch(
      () => undefined,
    );
  }
}

/** What a failed run has cost: the first of the details of its failure. */
function dollarsOf(error: unknown): number {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : undefined;
  const details: unknown = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  const dollars: unknown =
    typeof details === 'object' && details !== null ? Reflect.get(details, 'dollars') : undefined;
  return typeof dollars === 'number' ? dollars : 0;
}
