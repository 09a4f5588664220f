import type { Offer } from '@gpu-clouds/clouds/pure';
import { failurePolicies, type InstanceFacts } from '@gpu-clouds/jobs/contract';
import { CancellationScope } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { summaryOf } from './failure-summary.ts';
import type { JobRun } from './job-run.ts';
import type { Rentable } from './rentable.ts';
import { RentedInstance } from './rented-instance.ts';

/** The instances of one offer that a job runs on: all of them or none. If one cannot be rented or is lost, the others are released too. */
export class RentedNodes {
  readonly #run: JobRun;
  readonly offer: Offer;
  readonly #instances: readonly RentedInstance[];
  /** The instance that was the first to end. */
  #lost: RentedInstance | undefined;

  private constructor(run: JobRun, offer: Offer, instances: readonly RentedInstance[]) {
    this.#run = run;
    this.offer = offer;
    this.#instances = instances;
  }

  /** Rents all instances at the same time, once those from before a reset are gone. */
  static async rent(run: JobRun, request: Rentable, offer: Offer): Promise<RentedNodes> {
    const ranks = Array.from({ length: run.order.job.resources.nodes }, (_, node) => node);
    for (;;) {
      await run.earlier.settled();
      const allowance = run.beginInstances(offer);
      const asked = await Promise.allSettled(
        ranks.map((node) => RentedInstance.rent(run, request, offer, node, allowance)),
      );
      const instances = asked.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []));
      const nodes = new RentedNodes(run, offer, instances);
      if (instances.length === ranks.length) return nodes;
      await nodes.release();
      const refused = asked.find((one) => one.status === 'rejected');
      if (refused !== undefined) throw refused.reason;
    }
  }

  /**
   * Waits until all can be used. If one ends first, {@link whileTheyLast} cancels the wait.
   * @param access Returns how to use one, once its owner has emitted that.
   */
  ready<T>(access: (facts: InstanceFacts) => T | undefined): Promise<readonly T[]> {
    return Promise.all(this.#instances.map((instance) => instance.ready(access)));
  }

  /**
   * Does work on the instances, and cancels it when one of them ends. Returns undefined then, unless that ends the run too.
   * @throws ApplicationFailure The failure ends the run.
   */
  async whileTheyLast<T>(work: () => Promise<T>): Promise<T | undefined> {
    const around = CancellationScope.current();
    const scope = new CancellationScope();
    for (const instance of this.#instances) {
      instance.ended.then(() => {
        this.#lost ??= instance;
        scope.cancel();
      });
    }
    try {
      return await scope.run(work);
    } catch (error) {
      if (around.consideredCancelled) throw error;
      this.#noteEnd(error);
      return undefined;
    }
  }

  /** Releases all instances and waits until they are gone, even if this is cancelled. */
  async release(): Promise<void> {
    await Promise.all(this.#instances.map((instance) => instance.release()));
  }

  /** @throws ApplicationFailure The failure ends the run. */
  #noteEnd(error: unknown): void {
    const summary = summaryOf(error);
    const { instanceName, end } = this.#lost ?? {};
    if (instanceName === undefined || end === undefined) {
      if (failurePolicies[summary.kind].next === 'end-run') throw error;
      this.#run.noteEnd(this.offer, { why: 'failed', ...summary });
      return;
    }
    if (end === 'owner-stopped' || end === 'owner-cancelled') {
      throw finalFailure('stopped', `Somebody stopped ${instanceName}, the workflow that owned the instance.`);
    }
    const released = {
      why: 'failed',
      kind: 'released',
      message: `${instanceName} was released by someone else.`,
    } as const;
    // Only leases end because they are idle.
    this.#run.noteEnd(this.offer, end.why === 'released' || end.why === 'idle' ? released : end);
  }
}
