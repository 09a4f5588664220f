import type { BatchItemEnd } from '@gpu-clouds/jobs/contract';
import { CancellationScope, condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import { following } from './activity-proxies.ts';

interface Adopted {
  readonly id: string;
  readonly ended: (end: BatchItemEnd) => void;
}

/**
 * Runs of a batch that are no children of this history: an earlier one started them, be it before it continued as new or before it was
 * reset. One activity follows them all.
 */
export class AdoptedRuns {
  readonly #batch: string;
  readonly #runs = new Map<string, Adopted>();
  #following = false;
  #cancelled = false;

  constructor(batch: string) {
    this.#batch = batch;
  }

  /** Resolves with the end of a run, once it has come. Never rejects. */
  end(id: string): Promise<BatchItemEnd> {
    return new Promise((ended) => {
      this.#runs.set(id, { id, ended });
      if (this.#cancelled) cancel(id);
      if (!this.#following) void CancellationScope.nonCancellable(() => this.#follow());
    });
  }

  /** Those that are adopted later too. Their ends come all the same. */
  cancelAll(): void {
    this.#cancelled = true;
    for (const id of this.#runs.keys()) cancel(id);
  }

  async #follow(): Promise<void> {
    this.#following = true;
    while (this.#runs.size > 0) {
      const ids = [...this.#runs.keys()];
      const looking = new CancellationScope();
      // More of them have to be looked for by another look.
      const ends = await looking.run(() =>
        Promise.race([
          following.followRuns({ batch: this.#batch, ids }),
          condition(() => this.#runs.size > ids.length).then(() => []),
        ]),
      );
      looking.cancel();
      for (const { id, end } of ends) {
        this.#runs.get(id)?.ended(end);
        this.#runs.delete(id);
      }
    }
    this.#following = false;
  }
}

/** One that has ended needs no more. */
function cancel(id: string): void {
  CancellationScope.nonCancellable(() => getExternalWorkflowHandle(id).cancel()).catch(() => undefined);
}
