import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { DestroyInput } from '../activities/contract.ts';
import { mustEndByMemo } from '../workflow-api.ts';
import { creation, probe, teardown, waiting } from './activity-proxies.ts';
import { createDetails } from './create-details.ts';
import { machineDetails } from './details.ts';
import { storyOf } from './failure-story.ts';
import {
  connectionQuery,
  type Extension,
  extendUpdate,
  type InstanceConnection,
  type InstanceEnd,
  type InstanceFacts,
  type InstanceRequest,
  instanceChangedSignal,
  instanceQuery,
  releaseSignal,
  releaseUpdate,
} from './instance-api.ts';
import { LeaseTime } from './lease-time.ts';
import { indexTeardown } from './searchable.ts';
import { alarmed } from './teardown-alarm.ts';

/** What one `instance` workflow knows of its machine. The label is known from the first line on, so that teardown works from there on. */
export class Lease {
  readonly request: InstanceRequest;
  #facts: InstanceFacts;
  #released = false;
  #capReached = false;
  readonly #time: LeaseTime;
  #keyId: string | undefined;
  #volumeIds: readonly string[] = [];
  /** Milliseconds since the epoch: the create call. */
  #createdAt = 0;
  /** Until a while after this, what is not listed may still turn up; undefined while nothing can. */
  #lastCreateAt: number | undefined;

  constructor(request: InstanceRequest) {
    this.request = request;
    this.#facts = { label: request.label, state: 'creating', pricePerHour: request.offer.pricePerHour };
    this.#time = new LeaseTime(request);
    setHandler(instanceQuery, () => this.#facts);
    setHandler(connectionQuery, () => this.#connection());
    setHandler(releaseSignal, () => this.#release());
    setHandler(releaseUpdate, () => this.#release(), { validator: () => this.#refuseWhenEnding() });
    setHandler(extendUpdate, (extension) => this.#extend(extension), {
      validator: (extension) => {
        this.#refuseWhenEnding();
        this.#time.check(extension);
      },
    });
  }

  /** Runs the life of the machine until it ends by itself, its owner releases it, or its time is over. Counted from here. */
  async within(life: () => Promise<InstanceEnd>): Promise<InstanceEnd> {
    const scope = new CancellationScope();
    const cap = this.#untilCap().then(() => this.#endEarly(scope, 'cap'));
    const release = condition(() => this.#released).then(() => this.#endEarly(scope, 'release'));
    for (const end of [cap, release]) end.catch(() => undefined);
    try {
      return await scope.run(life);
    } catch (error) {
      if (this.#capReached) return { why: 'cap-reached' };
      if (this.#released) return { why: 'released' };
      if (isCancellation(error)) throw error;
      return { why: 'failed', ...storyOf(error) };
    }
  }

  async create(): Promise<void> {
    const { label, offer, image, storage } = this.request;
    this.#createdAt = Date.now();
    // Whatever happens from here on, there may be a machine: known before it is asked for.
    this.#lastCreateAt = this.#createdAt;
    try {
      const created = await creation(offer.vendor, `Rent ${offer.gpu} in ${offer.region}`).createInstance({
        vendor: offer.vendor,
        label,
        offer,
        ...(image === undefined ? {} : { image }),
        ...(storage === undefined ? {} : { storage }),
      });
      this.#keyId = created.keyId;
      this.#lastCreateAt = created.instanceId === undefined ? undefined : Date.now();
      this.#change({
        state: 'booting',
        ...(created.instanceId === undefined ? {} : { instanceId: created.instanceId }),
      });
    } catch (error) {
      const details = createDetails(error);
      this.#keyId = details?.keyId;
      this.#lastCreateAt = details?.mayHaveTakenEffect === false ? undefined : Date.now();
      throw error;
    }
  }

  /** Ready means that the cloud says so and that SSH lets us in. */
  async becomeReady(): Promise<void> {
    const wait = this.#awaitInput();
    const running = await waiting(this.request.offer.vendor).awaitRunning(wait);
    this.#volumeIds = running.volumeIds;
    const { ssh, pricePerHour } = running;
    this.#change({ ssh, ...(pricePerHour === undefined ? {} : { pricePerHour }) });
    const { hostKey } = await probe.awaitSsh({ ...wait, ssh });
    this.#change({ state: 'ready', hostKey });
  }

  /** A machine in use ends when the cloud takes it; release and cap end it from outside. */
  async untilLost(): Promise<InstanceEnd> {
    const { message } = await waiting(this.request.offer.vendor).watchInstance(this.#awaitInput());
    return { why: 'failed', kind: 'lost', message };
  }

  async destroyUntilGone(): Promise<void> {
    const { label, offer } = this.request;
    const { instanceId } = this.#facts;
    this.#change({ state: 'destroying' });
    const input: DestroyInput = {
      vendor: offer.vendor,
      label,
      volumeIds: this.#volumeIds,
      ...(instanceId === undefined ? {} : { instanceId }),
      ...(this.#keyId === undefined ? {} : { keyId: this.#keyId }),
      ...(this.#lastCreateAt === undefined ? {} : { lastCreateAt: this.#lastCreateAt }),
    };
    await alarmed(
      () => teardown(offer.vendor, `Destroy ${label}`).destroyInstance(input),
      (since) => this.#markStuck(since),
    );
  }

  #markStuck(since: string | undefined): void {
    const { teardownStuckSince: _, ...facts } = this.#facts;
    this.#facts = facts;
    this.#change(since === undefined ? {} : { teardownStuckSince: since });
    if (this.request.searchable) indexTeardown(since !== undefined);
  }

  /** The price may turn out higher than the offer's, which leaves less time. The memo tells the reaper, which needs no worker of ours. */
  async #untilCap(): Promise<void> {
    for (;;) {
      const end = this.#mustEndBy();
      upsertMemo({ [mustEndByMemo]: new Date(end).toISOString() });
      const left = end - Date.now();
      if (left <= 0) return;
      await condition(() => this.#mustEndBy() !== end, left);
    }
  }

  /** Milliseconds since the epoch. */
  #mustEndBy(): number {
    return this.#time.endsAt(this.#facts.pricePerHour);
  }

  #connection(): InstanceConnection | undefined {
    const { label, state, ssh, hostKey } = this.#facts;
    return state === 'ready' && ssh !== undefined && hostKey !== undefined
      ? { ...ssh, hostKey, keyName: label }
      : undefined;
  }

  #release(): void {
    this.#released = true;
  }

  #extend(extension: Extension): string {
    this.#time.extend(extension);
    return new Date(this.#mustEndBy()).toISOString();
  }

  #refuseWhenEnding(): void {
    if (this.#facts.state !== 'destroying' && !this.#released && !this.#capReached) return;
    throw ApplicationFailure.nonRetryable(`${this.request.label} is being destroyed already.`, 'ending');
  }

  #awaitInput() {
    const { label, offer } = this.request;
    const { instanceId } = this.#facts;
    // The only create without an id is one that was cancelled before it was sent.
    if (instanceId === undefined) throw new CancelledFailure(`${label} was not created.`);
    return { vendor: offer.vendor, label, instanceId, createdAt: this.#createdAt };
  }

  #endEarly(scope: CancellationScope, why: 'cap' | 'release'): void {
    if (why === 'cap') this.#capReached = true;
    scope.cancel();
  }

  #change(news: Partial<InstanceFacts>): void {
    this.#facts = { ...this.#facts, ...news };
    setCurrentDetails(machineDetails(this.#facts, this.request.offer));
    const { parent } = workflowInfo();
    if (parent === undefined) return;
    // Nobody may be left to hear it, which changes nothing here.
    const told = CancellationScope.nonCancellable(() =>
      getExternalWorkflowHandle(parent.workflowId).signal(instanceChangedSignal, this.#facts),
    );
    told.catch(() => undefined);
  }
}
