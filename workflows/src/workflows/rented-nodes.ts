import type { Offer } from '@gpu-clouds/clouds/pure';
import { failurePolicies } from '@gpu-clouds/jobs/contract';
import { CancellationScope } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { summaryOf } from './failure-summary.ts';
import { type JobNode, nodesOf } from './job-nodes.ts';
import type { JobRun } from './job-run.ts';
import { RentedInstance } from './rented-instance.ts';

/** The instances of one offer that a job is on: all of them or none. When one cannot be had or is lost, the others are given back too. */
export class RentedNodes {
  readonly #run: JobRun;
  readonly #offer: Offer;
  readonly #instances: readonly RentedInstance[];
  /** The instance that was the first to end. */
  #lost: RentedInstance | undefined;

  private constructor(run: JobRun, offer: Offer, instances: readonly RentedInstance[]) {
    this.#run = run;
    this.#offer = offer;
    this.#instances = instances;
  }

  /** Asks for all instances at once. */
  static async rent(run: JobRun, offer: Offer): Promise<RentedNodes> {
    const allowance = run.beginInstances(offer);
    const ranks = Array.from({ length: run.order.job.resources.nodes }, (_, node) => node);
    const asked = await Promise.allSettled(ranks.map((node) => RentedInstance.rent(run, offer, node, allowance)));
    const instances = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const nodes = new RentedNodes(run, offer, instances);
    const refused = asked.find((one) => one.status === 'rejected');
    if (refused === undefined) return nodes;
    await nodes.release();
    throw refused.reason;
  }

  /** Waits until SSH answers on all. Never returns when one ends first: {@link whileTheyLast} does then. */
  async ready(): Promise<readonly JobNode[]> {
    const instances = await Promise.all(this.#instances.map((instance) => instance.ready()));
    return nodesOf(instances, this.#offer.gpuCount);
  }

  /**
   * Does work on the instances, which is cut short when one of them ends. Undefined then, unless the end ends the job too.
   * @throws ApplicationFailure when other instances could not do better.
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

  /** Gives all instances back and waits until the cloud shows none of them, however often this is cancelled. */
  async release(): Promise<void> {
    await Promise.all(this.#instances.map((instance) => instance.release()));
  }

  /** @throws ApplicationFailure when it was not an instance's end, or one that ends the job. */
  #noteEnd(error: unknown): void {
    const summary = summaryOf(error);
    const { instanceName, end } = this.#lost ?? {};
    if (instanceName === undefined || end === undefined) {
      if (failurePolicies[summary.kind].next === 'end-run') throw error;
      this.#run.noteEnd(this.#offer, { why: 'failed', ...summary });
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
    this.#run.noteEnd(this.#offer, end.why === 'released' ? released : end);
  }
}
