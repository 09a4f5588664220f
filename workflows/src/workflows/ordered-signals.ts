import { CancellationScope, getExternalWorkflowHandle, type SignalDefinition } from '@temporalio/workflow';

/**
 * Signals to one other workflow. Each is sent once the one before it has arrived, because Temporal may deliver two that are under way at
 * the same time in any order: the receiver would take an old state for the newest.
 */
export class OrderedSignals {
  readonly #to: () => ReturnType<typeof getExternalWorkflowHandle>;
  #last: Promise<unknown> = Promise.resolve();

  /** @param execution Only the execution with this run ID. Default: the one that runs. */
  constructor(workflowId: string, execution?: string) {
    this.#to = () => getExternalWorkflowHandle(workflowId, execution);
  }

  /** Resolves when the other workflow has the signal, also in a scope that is cancelled. Rejects if it has ended. */
  send<Args extends unknown[]>(signal: SignalDefinition<Args>, ...args: Args): Promise<void> {
    const sent = this.#last.then(() => CancellationScope.nonCancellable(() => this.#to().signal(signal, ...args)));
    this.#last = sent.catch(() => undefined);
    return sent;
  }
}
