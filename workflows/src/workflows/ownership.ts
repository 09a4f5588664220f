import { orderedPricePerHour } from '@gpu-clouds/clouds/pure';
import type { InstanceEnd, InstanceFacts, InstanceRequest, Release } from '@gpu-clouds/jobs/contract';
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { instanceDetails } from './details.ts';
import { summaryOf } from './failure-summary.ts';
import { instanceChangedSignal, instanceQuery, releaseSignal } from './instance-messages.ts';
import { indexTeardown } from './searchable.ts';
import { alarmed } from './teardown-alarm.ts';

type Owned = Pick<InstanceRequest, 'instanceName' | 'run' | 'offer' | 'storage' | 'ttlSeconds' | 'searchable'>;

/**
 * What owning an instance and owning a job deployment have in common: it ends by itself, by its release or at its cap, and everybody is told
 * of each change: who asks, who started it, and Temporal's UI.
 */
export class Ownership {
  readonly #owned: Owned;
  #facts: InstanceFacts;
  #released = false;
  #capReached = false;

  /** @throws ApplicationFailure `invalid` without a time to live: nothing would ever end what it rents */
  constructor(owned: Owned) {
    const { instanceName, offer, storage, ttlSeconds } = owned;
    if (!(ttlSeconds > 0)) {
      const message = `${instanceName} has no time to live: set ttlSeconds to a positive number of seconds.`;
      throw finalFailure('invalid', message);
    }
    this.#owned = owned;
    this.#facts = { instanceName, state: 'creating', pricePerHour: orderedPricePerHour(offer, storage) };
    setHandler(instanceQuery, () => this.#facts, {
      description: 'What is known of it so far: its state, id, address and price.',
    });
    setHandler(releaseSignal, (from) => this.#heard(from), {
      description: 'Says that its run no longer needs it: it is destroyed now. Ignored from any other `run`.',
    });
  }

  get facts(): InstanceFacts {
    return this.#facts;
  }

  /** Nothing can keep it any more. */
  get isEnding(): boolean {
    return this.#facts.state === 'destroying' || this.#released || this.#capReached;
  }

  release(): void {
    this.#released = true;
  }

  /**
   * Why this may not release it, if so: a run that meets the owner under its own name must not end the instance of another.
   * @param from Anybody may send nothing at all.
   */
  whyNotFrom(from: Release | null | undefined): string | undefined {
    const { instanceName, run } = this.#owned;
    if (from?.run === run) return undefined;
    return from?.run === undefined
      ? `${instanceName} belongs to "${run}": a release has to name it, as { "run": "${run}" }.`
      : `${instanceName} belongs to "${run}" and is not released by "${from.run}".`;
  }

  /**
   * Lives a life until it ends by itself, it is released, or its time is over.
   * @param untilCap Resolves when the time is over. Begun before the life is.
   */
  async within<End>(untilCap: () => Promise<void>, life: () => Promise<End>): Promise<End | InstanceEnd> {
    const scope = new CancellationScope();
    const cap = untilCap().then(() => {
      this.#capReached = true;
      scope.cancel();
    });
    const release = condition(() => this.#released).then(() => scope.cancel());
    for (const end of [cap, release]) end.catch(() => undefined);
    try {
      return await scope.run(life);
    } catch (error) {
      if (this.#capReached) return { why: 'cap-reached' };
      if (this.#released) return { why: 'released' };
      if (isCancellation(error)) throw error;
      return { why: 'failed', ...summaryOf(error, 'instance-failed') };
    }
  }

  /** Destroys it, and says so while that takes longer than it should. */
  async teardown(destroy: () => Promise<void>): Promise<void> {
    await alarmed(destroy, (since) => this.#markStuck(since));
  }

  change(news: Partial<InstanceFacts>): void {
    // A phase of the run begins once.
    const { begins: _past, ...facts } = this.#facts;
    this.#facts = { ...facts, ...news };
    setCurrentDetails(instanceDetails(this.#facts, this.#owned.offer));
    const { parent } = workflowInfo();
    if (parent === undefined) return;
    // Nobody may be left to hear it, which changes nothing here.
    const told = CancellationScope.nonCancellable(() =>
      getExternalWorkflowHandle(parent.workflowId).signal(instanceChangedSignal, this.#facts),
    );
    told.catch(() => undefined);
  }

  #heard(from: Release): void {
    const refusal = this.whyNotFrom(from);
    if (refusal === undefined) this.release();
    else log.warn(`Ignored a release: ${refusal}`);
  }

  #markStuck(since: string | undefined): void {
    const { teardownStuckSince: _, ...facts } = this.#facts;
    this.#facts = facts;
    this.change(since === undefined ? {} : { teardownStuckSince: since });
    if (this.#owned.searchable) indexTeardown(since !== undefined);
  }
}
