import { orderedPricePerHour } from '@gpu-clouds/clouds/pure';
import type { InstanceEnd, InstanceFacts, InstanceRequest, Release } from '@gpu-clouds/jobs/contract';
import {
  CancellationScope,
  condition,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { instanceDetails } from './details.ts';
import { summaryOf } from './failure-summary.ts';
import { handleSignal, isOneOf } from './handle-signal.ts';
import { accountSuspectSignal, instanceChangedSignal, instanceQuery, releaseSignal } from './instance-messages.ts';
import { OrderedSignals } from './ordered-signals.ts';
import { indexAlarm } from './searchable.ts';
import { alarmed } from './teardown-alarm.ts';

type Owned = Pick<InstanceRequest, 'instanceName' | 'run' | 'offer' | 'storage' | 'ttlSeconds' | 'searchable'>;

/**
 * The state of what one `instance` workflow owns. It ends by itself, by a release, or at its cap. Each change is visible to queries, to the
 * run, and in Temporal's UI.
 */
export class Ownership {
  readonly #owned: Owned;
  /** Undefined for a lease, which has no run. */
  #toRun: OrderedSignals | undefined;
  #facts: InstanceFacts;
  #released = false;
  #capReached = false;

  /** @throws ApplicationFailure `invalid` without a time to live, because nothing would ever end the instance. */
  constructor(owned: Owned) {
    const { instanceName, offer, storage, ttlSeconds } = owned;
    if (!(ttlSeconds > 0)) {
      const message = `${instanceName} has no time to live: set ttlSeconds to a positive number of seconds.`;
      throw finalFailure('invalid', message);
    }
    this.#owned = owned;
    this.#facts = { instanceName, state: 'creating', pricePerHour: orderedPricePerHour(offer, storage) };
  }

  /** Answers the queries and signals of the workflow that it runs in, and tells the workflow's parent, the run, what changes. */
  handleMessages(): void {
    const { parent } = workflowInfo();
    this.#toRun = parent && new OrderedSignals(parent.workflowId);
    setHandler(instanceQuery, () => this.#facts, {
      description: 'What is known about it so far: its state, id, address, and price.',
    });
    setHandler(releaseSignal, (from) => this.#releaseFrom(from), {
      description: 'Destroys it now, because its run no longer needs it. Ignored for any other `run`.',
    });
    handleSignal(
      accountSuspectSignal,
      isOneOf(true, false),
      (suspect) => this.#markSuspect(suspect),
      'Sent by its own teardown: whether all instances of the account vanished at once.',
    );
  }

  get facts(): InstanceFacts {
    return this.#facts;
  }

  /** Whether it is being destroyed, or about to be. */
  get isEnding(): boolean {
    return this.#facts.state === 'destroying' || this.#released || this.#capReached;
  }

  release(): void {
    this.#released = true;
  }

  /**
   * Returns why it may not be released by this run. A run that finds another run's owner under its own instance name must not end it.
   * @param from Anyone can send a signal without input.
   */
  whyNotFrom(from: Release | null | undefined): string | undefined {
    const { instanceName, run } = this.#owned;
    if (from?.run === run) return undefined;
    return from?.run === undefined
      ? `${instanceName} belongs to "${run}". A release must name that run: { "run": "${run}" }.`
      : `${instanceName} belongs to "${run}" and cannot be released by "${from.run}".`;
  }

  /**
   * Runs `life` until it ends by itself, a release, or the cap, and returns which it was.
   * @param untilCap Resolves at the cap. Started before `life`.
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
    } finally {
      scope.cancel();
    }
  }

  /** Destroys it, and marks it as stuck while that takes too long. */
  async teardown(destroy: () => Promise<string | undefined>): Promise<void> {
    const found = await alarmed(destroy, (since) => this.#markStuck(since));
    // The answer to its create was lost. It has billed, so the run counts it.
    if (found !== undefined && this.#facts.instanceId === undefined) await this.tell({ instanceId: found });
  }

  change(news: Partial<InstanceFacts>): void {
    void this.tell(news);
  }

  /** Like {@link change}, but resolves when the run has received it. Await this before the owner ends: Temporal may drop its signal afterwards. */
  async tell(news: Partial<InstanceFacts>): Promise<void> {
    this.#facts = { ...this.#facts, ...news };
    setCurrentDetails(instanceDetails(this.#facts, this.#owned.offer));
    // The run may have ended.
    await this.#toRun?.send(instanceChangedSignal, this.#facts).catch(() => undefined);
  }

  #releaseFrom(from: Release): void {
    const refusal = this.whyNotFrom(from);
    if (refusal === undefined) this.release();
    else log.warn(`Ignored a release: ${refusal}`);
  }

  #markStuck(since: string | undefined): void {
    this.change({ teardownStuckSince: since });
    if (this.#owned.searchable) indexAlarm('teardownStuck', since !== undefined);
  }

  #markSuspect(suspect: boolean): void {
    const { accountSuspectSince } = this.#facts;
    if ((accountSuspectSince !== undefined) === suspect) return;
    this.change({ accountSuspectSince: suspect ? new Date(Date.now()).toISOString() : undefined });
    if (this.#owned.searchable) indexAlarm('accountSuspect', suspect);
  }
}
