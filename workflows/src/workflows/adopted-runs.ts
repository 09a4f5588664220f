import type { BatchItemEnd } from '@gpu-clouds/jobs/contract';
import { CancellationScope, condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import { following } from './activity-proxies.ts';

interface Adopted {
  readonly id: string;
  readonly ended: (end: BatchItemEnd) => void;
}

/**
 * Runs of a batch that an earlier execution started, before it continued as new or was reset. They are not children of this execution. One
 * activity follows them all.
 */
export class AdoptedRuns {
  readonly #batch: string;
  readonly #runs = new Map<string, Adopted>();
  #following = false;
  #cancelled = false;

  constructor(batch: string) {
    this.#batch = batch;
  }

  /** Resolves with how a run ended. Never rejects. */
  end(id: string): Promise<BatchItemEnd> {
    return new Promise((ended) => {
      this.#runs.set(id, { id, ended });
      if (this.#cancelled) cancel(id);
      if (!this.#following) void CancellationScope.nonCancellable(() => this.#follow());
    });
  }

  /** Cancels all runs, also those that are adopted later. {@link end} still resolves for each. */
  cancelAll(): void {
    this.#cancelled = true;
    for (const id of this.#runs.keys()) cancel(id);
  }

  async #follow(): Promise<void> {
    this.#following = true;
    while (this.#runs.size > 0) {
      const ids = [...this.#runs.keys()];
      const scope = new CancellationScope();
      // A run that is adopted meanwhile needs an activity that follows it too.
      const ends = await scope.run(() =>
        Promise.race([
          following.followRuns({ batch: this.#batch, ids }),
          condition(() => this.#runs.size > ids.length).then(() => []),
        ]),
      );
      scope.cancel();
      for (const { id, end } of ends) {
        this.#runs.get(id)?.ended(end);
        this.#runs.delete(id);
      }
    }
    this.#following = false;
  }
}

/** A run that has ended ignores it. */
function cancel(id: string): void {
  CancellationScope.nonCancellable(() => getExternalWorkflowHandle(id).cancel()).catch(() => undefined);
}
