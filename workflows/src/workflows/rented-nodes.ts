import type { Offer } from '@gpu-clouds/clouds/pure';
import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import { storyOf } from './failure-story.ts';
import { type JobNode, nodesOf } from './job-nodes.ts';
import type { JobRun } from './job-run.ts';
import { RentedMachine } from './rented-machine.ts';

/**
 * What happens to a machine without its end being known. Another host key: the cloud took the machine back, and its address is somebody
 * else's by now; nothing is sent there.
 */
const losesTheMachine: ReadonlySet<string> = new Set(['unreachable', 'wrong-host-key']);

/** The machines of one offer that a job is on: all of them or none. When one cannot be had or is lost, the others are given back too. */
export class RentedNodes {
  readonly #run: JobRun;
  readonly #offer: Offer;
  readonly #machines: readonly RentedMachine[];
  /** The machine that was the first to end. */
  #lost: RentedMachine | undefined;

  private constructor(run: JobRun, offer: Offer, machines: readonly RentedMachine[]) {
    this.#run = run;
    this.#offer = offer;
    this.#machines = machines;
  }

  /** Asks for all machines at once. */
  static async rent(run: JobRun, offer: Offer): Promise<RentedNodes> {
    const allowance = run.beginRentals(offer);
    const ranks = Array.from({ length: run.order.job.resources.nodes }, (_, node) => node);
    const asked = await Promise.allSettled(ranks.map((node) => RentedMachine.rent(run, offer, node, allowance)));
    const machines = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const nodes = new RentedNodes(run, offer, machines);
    const refused = asked.find((one) => one.status === 'rejected');
    if (refused === undefined) return nodes;
    await nodes.release();
    throw refused.reason;
  }

  /** Waits until SSH answers on all. Never returns when one ends first: {@link whileTheyLast} does then. */
  async ready(): Promise<readonly JobNode[]> {
    const machines = await Promise.all(this.#machines.map((machine) => machine.ready()));
    return nodesOf(machines, this.#offer.gpuCount);
  }

  /**
   * Does work on the machines, which is cut short when one of them ends. Undefined then, unless the end ends the job too.
   * @throws ApplicationFailure when other machines could not do better.
   */
  async whileTheyLast<T>(work: () => Promise<T>): Promise<T | undefined> {
    const around = CancellationScope.current();
    const scope = new CancellationScope();
    for (const machine of this.#machines) {
      machine.ended.then(() => {
        this.#lost ??= machine;
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

  /** Gives all machines back and waits until the cloud shows none of them, however often this is cancelled. */
  async release(): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine.release()));
  }

  /** @throws ApplicationFailure when it was not a machine's end, or one that ends the job. */
  #noteEnd(error: unknown): void {
    const story = storyOf(error);
    const { label, end } = this.#lost ?? {};
    if (label === undefined || end === undefined) {
      if (!losesTheMachine.has(story.kind)) throw error;
      this.#run.noteEnd(this.#offer, { why: 'failed', ...story });
      return;
    }
    if (end === 'owner-stopped' || end === 'owner-cancelled') {
      throw ApplicationFailure.nonRetryable(
        `Somebody stopped ${label}, the workflow that owned the machine.`,
        'stopped',
      );
    }
    const released = { why: 'failed', kind: 'released', message: `${label} was released by someone else.` } as const;
    this.#run.noteEnd(this.#offer, end.why === 'released' ? released : end);
  }
}
