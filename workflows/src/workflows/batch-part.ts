import {
  type BatchCounts,
  type BatchItemEnd,
  type BatchItemResult,
  type BatchPartOrder,
  endOfFailure,
  type JobMemo,
  type JobOrder,
  jobOfItem,
  jsonBytes,
  type NumberedItem,
  searchAttributes,
  workflowNames,
} from '@gpu-clouds/jobs/contract';
import { type SearchAttributePair, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
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
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { AdoptedRuns } from './adopted-runs.ts';
import { type BatchPartWorkflow, countsQuery, drainSignal, itemFailedSignal, resultsQuery } from './batch-api.ts';
import type { runJob } from './run-job.ts';

/** Maximum JSON bytes of orders in one workflow task. The task is one message to the server, at most 4 MiB. */
const maxStartingBytes = 1_000_000;

/** The items that one workflow runs. */
export class BatchPart {
  readonly #order: BatchPartOrder;
  readonly #waiting: NumberedItem[];
  readonly #results: BatchItemResult[];
  /** Indexes of the items that are starting or running. */
  readonly #open = new Set<number>();
  readonly #adopted: AdoptedRuns;
  /** JSON bytes of the orders whose start Temporal has not confirmed yet. */
  #starting = 0;
  #started = 0;
  #failures: number;
  #draining: boolean;

  constructor(order: BatchPartOrder) {
    this.#order = order;
    this.#waiting = [...order.items];
    this.#results = [...order.done];
    this.#failures = order.done.filter(hasFailed).length;
    this.#draining = order.draining || order.ending;
    this.#adopted = new AdoptedRuns(order.id);
    const drain = () => {
      this.#draining = true;
    };
    setHandler(drainSignal, drain, { description: 'Starts no further items of this part. Those that run continue.' });
    setHandler(resultsQuery, () => this.#results, { description: 'The items of this part that have ended so far.' });
    setHandler(countsQuery, () => this.#counts(), {
      description:
        'How many items this part has, how many run, have ended, and have failed, and what the ended ones cost.',
    });
  }

  async run(): Promise<readonly BatchItemResult[]> {
    for (const index of this.#order.open) this.#take(index, (id) => this.#adopted.end(id));
    try {
      if (this.#order.ending) await this.#endInOrder();
      await this.#startAll();
      await condition(() => this.#open.size === 0 || (this.#isHistoryFull() && this.#starting === 0));
    } catch (error) {
      if (!isCancellation(error)) throw error;
      // Runs that this execution started are its children and are cancelled with it.
      await CancellationScope.nonCancellable(async () => {
        this.#adopted.cancelAll();
        await condition(() => this.#open.size === 0);
      });
      throw new CancelledFailure('The batch was cancelled.');
    }
    if (this.#open.size > 0 || this.#mayStart()) await this.#continue();
    return [...this.#results, ...this.#waiting.map(({ index }) => this.#result(index, skipped))];
  }

  async #startAll(): Promise<void> {
    while (this.#mayStart() && !this.#isHistoryFull()) {
      await condition(() => this.#hasRoom() || !this.#mayStart());
      const next = this.#mayStart() ? this.#waiting.shift() : undefined;
      if (next === undefined) return;
      this.#started += 1;
      this.#take(next.index, (id) => this.#runItem(id, next));
    }
  }

  /** Cancels all runs that an earlier execution started, and collects how they ended. */
  async #endInOrder(): Promise<void> {
    this.#adopted.cancelAll();
    // A start that was under way when the earlier execution ended still takes place.
    await sleep('5s');
    for (const { index } of this.#waiting.splice(0)) this.#take(index, (id) => this.#adopted.end(id));
  }

  /** The runs outlive this execution. Otherwise the window would drain each time. */
  async #continue(): Promise<void> {
    await continueAsNew<BatchPartWorkflow>({
      ...this.#order,
      items: this.#waiting,
      done: this.#results,
      open: [...this.#open],
      draining: this.#draining,
    });
  }

  #hasRoom(): boolean {
    return this.#open.size < this.#order.window && this.#starting < maxStartingBytes;
  }

  #counts(): BatchCounts {
    return {
      total: this.#waiting.length + this.#open.size + this.#results.length,
      running: this.#open.size,
      done: this.#results.length,
      failed: this.#failures,
      dollars: this.#results.reduce((sum, { dollars }) => sum + dollars, 0),
    };
  }

  #mayStart(): boolean {
    return this.#waiting.length > 0 && !this.#draining && !this.#tooManyFailures();
  }

  #tooManyFailures(): boolean {
    const { maxFailures } = this.#order;
    return maxFailures !== undefined && this.#failures > maxFailures;
  }

  #isHistoryFull(): boolean {
    return this.#started >= this.#order.runsPerHistory || workflowInfo().continueAsNewSuggested;
  }

  /** @param end Never rejects. */
  #take(index: number, end: (id: string) => Promise<BatchItemEnd>): void {
    this.#open.add(index);
    end(runIdOf(this.#order, index)).then((ended) => {
      this.#open.delete(index);
      this.#results.push(this.#result(index, ended));
      if (hasFailed(ended)) {
        this.#failures += 1;
        this.#reportFailure();
      }
      setCurrentDetails(`${this.#results.length} ended, ${this.#open.size} running, ${this.#waiting.length} waiting`);
    });
  }

  async #runItem(id: string, { index, item }: NumberedItem): Promise<BatchItemEnd> {
    const { fleet, searchable = false, store, contract, budgetAccounts } = this.#order;
    const job = jobOfItem(this.#order.job, item);
    const order: JobOrder = {
      id,
      fleet,
      job,
      store,
      contract,
      budgetAccounts,
      waitsForBudget: true,
      searchable: searchable || undefined,
    };
    const memo: JobMemo = { name: job.name, fleet, nodes: job.resources.nodes, batch: this.#order.id };
    const bytes = jsonBytes(order);
    this.#starting += bytes;
    try {
      const child = await startChild<typeof runJob>(workflowNames.job, {
        workflowId: id,
        args: [order],
        memo: { ...memo },
        // The run outlives this execution. The batch makes sure that it does not outlive the batch.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        // A run's instances and folder are named after its id.
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `Item ${index} of batch ${this.#order.id}`,
        ...(searchable ? { typedSearchAttributes: this.#searchAttributes() } : {}),
      }).finally(() => {
        this.#starting -= bytes;
      });
      const { outcome, exitCode, dollars } = await child.result();
      return { outcome, exitCode, dollars };
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return this.#adopted.end(id);
      return endOfFailure(error instanceof ChildWorkflowFailure ? error.cause : error);
    }
  }

  #searchAttributes(): SearchAttributePair[] {
    return [
      { key: searchAttributes.phase, value: 'finding-offers' },
      { key: searchAttributes.batch, value: this.#order.id },
    ];
  }

  #result(index: number, end: BatchItemEnd): BatchItemResult {
    return { index, id: runIdOf(this.#order, index), ...end };
  }

  #reportFailure(): void {
    const { parent } = workflowInfo();
    if (parent === undefined || this.#order.maxFailures === undefined) return;
    const { workflowId } = parent;
    const sent = CancellationScope.nonCancellable(() => getExternalWorkflowHandle(workflowId).signal(itemFailedSignal));
    // The batch may have ended.
    sent.catch(() => undefined);
  }
}

function hasFailed({ outcome }: BatchItemEnd): boolean {
  return outcome === 'failed';
}

const skipped: BatchItemEnd = { outcome: 'skipped', dollars: 0 };

/** Returns the id of an item's run. */
function runIdOf({ id }: Pick<BatchPartOrder, 'id'>, index: number): string {
  return `${id}-${index}`;
}
