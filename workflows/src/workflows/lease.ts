import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import {
  type Extension,
  type InstanceConnection,
  type InstanceEnd,
  type InstanceFacts,
  type InstanceRequest,
  mustEndByMemo,
  type Release,
} from '@gpu-clouds/jobs/contract';
import { CancelledFailure, condition, setHandler, upsertMemo } from '@temporalio/workflow';
import type { DestroyInput } from '../activities/contract.ts';
import { finalFailure } from '../final-failure.ts';
import { creation, probe, teardown, waiting } from './activity-proxies.ts';
import { createDetails } from './create-details.ts';
import { connectionQuery, extendUpdate, releaseUpdate } from './instance-messages.ts';
import { LeaseTime } from './lease-time.ts';
import { Ownership } from './ownership.ts';

/** What one `instance` workflow knows of its instance. The instance name is known from the first line on, so that teardown works from there on. */
export class Lease {
  readonly request: InstanceRequest;
  readonly #ownership: Ownership;
  readonly #time: LeaseTime;
  #keyId: string | undefined;
  #volumeIds: readonly string[] = [];
  /** Milliseconds since the epoch: the create call. */
  #createdAt = 0;
  /** Until a while after this, what is not listed may still turn up; undefined while nothing can. */
  #lastCreateAt: number | undefined;

  constructor(request: InstanceRequest) {
    this.request = request;
    this.#ownership = new Ownership(request);
    this.#time = new LeaseTime(request);
    setHandler(connectionQuery, () => this.#connection(), {
      description: 'How to get into the instance over SSH. Nothing until it is ready, and once it is being destroyed.',
    });
    setHandler(releaseUpdate, () => this.#ownership.release(), {
      validator: (from) => {
        this.#refuseFrom(from);
        this.#refuseWhenEnding();
      },
      description:
        'Says that its run no longer needs the instance: it is destroyed now. Refused from any other `run`, and when it is already.',
    });
    setHandler(extendUpdate, (extension) => this.#extend(extension), {
      validator: (extension) => {
        this.#refuseWhenEnding();
        this.#time.check(extension);
      },
      description: 'Lets the instance live for at least `seconds` from now on, and answers until when.',
    });
  }

  /** Runs the life of the instance until it ends by itself, its owner releases it, or its time is over. Counted from here. */
  within(life: () => Promise<InstanceEnd>): Promise<InstanceEnd> {
    return this.#ownership.within(() => this.#untilCap(), life);
  }

  async create(): Promise<void> {
    const { instanceName, offer, image, storage, contract } = this.request;
    this.#createdAt = Date.now();
    // Whatever happens from here on, there may be an instance: known before it is asked for.
    this.#lastCreateAt = this.#createdAt;
    try {
      const created = await creation(offer.vendor, `Rent ${offer.gpu} in ${offer.region}`).createInstance({
        vendor: offer.vendor,
        instanceName,
        offer,
        image,
        storage,
        contract,
      });
      this.#keyId = created.keyId;
      this.#lastCreateAt = created.mayHaveTwin ? Date.now() : undefined;
      this.#ownership.change({
        state: 'booting',
        instanceId: created.instanceId,
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
    this.#reprice(pricePerHour, { ssh });
    const host = await probe.awaitSsh({ ...wait, ssh });
    this.#ownership.change({ state: 'ready', ...host });
  }

  /** An instance in use ends when the cloud takes it, or wants too much for it; release and cap end it from outside. */
  async untilLost(): Promise<InstanceEnd> {
    for (;;) {
      const input = { ...this.#awaitInput(), ...this.#time.pricing };
      const end = await waiting(this.request.offer.vendor).watchInstance(input);
      if ('message' in end) return { why: 'failed', kind: 'lost', message: end.message };
      this.#reprice(end.reportedPricePerHour);
    }
  }

  async destroyUntilGone(): Promise<void> {
    const { instanceName, offer } = this.request;
    const { instanceId } = this.#ownership.facts;
    this.#ownership.change({ state: 'destroying' });
    const input: DestroyInput = {
      vendor: offer.vendor,
      instanceName,
      volumeIds: this.#volumeIds,
      instanceId,
      ...(this.#keyId === undefined ? {} : { keyId: this.#keyId }),
      ...(this.#lastCreateAt === undefined ? {} : { lastCreateAt: this.#lastCreateAt }),
    };
    await this.#ownership.teardown(() => teardown(offer.vendor, `Destroy ${instanceName}`).destroyInstance(input));
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

  /** Emits the new price also when it ends the instance. @throws ApplicationFailure `price-exceeded` */
  #reprice(reportedPricePerHour: number | undefined, news: Partial<InstanceFacts> = {}): void {
    try {
      if (reportedPricePerHour !== undefined) this.#time.report(reportedPricePerHour);
    } finally {
      const { pricePerHour, pricedSince } = this.#time;
      this.#ownership.change({ ...news, pricePerHour, pricedSince });
    }
  }

  /** Milliseconds since the epoch. */
  #mustEndBy(): number {
    return this.#time.endsAt;
  }

  #connection(): InstanceConnection | undefined {
    const { instanceName, state, ssh, hostKey, hostPublicKey, secretId } = this.#ownership.facts;
    if (state !== 'ready' || ssh === undefined || hostKey === undefined || hostPublicKey === undefined)
      return undefined;
    return { ...ssh, hostKey, hostPublicKey, keyName: ownerIdOf(instanceName), secretId };
  }

  #extend(extension: Extension): string {
    this.#time.extend(extension);
    return new Date(this.#mustEndBy()).toISOString();
  }

  #refuseFrom(from: Release): void {
    const refusal = this.#ownership.whyNotFrom(from);
    if (refusal !== undefined) throw finalFailure('invalid', refusal);
  }

  #refuseWhenEnding(): void {
    if (!this.#ownership.isEnding) return;
    throw finalFailure('conflict', `${this.request.instanceName} is being destroyed already.`);
  }

  #awaitInput() {
    const { instanceName, offer } = this.request;
    const { instanceId } = this.#ownership.facts;
    // The only create without an id is one that was cancelled before it was sent.
    if (instanceId === undefined) throw new CancelledFailure(`${instanceName} was not created.`);
    return { vendor: offer.vendor, instanceName, instanceId, createdAt: this.#createdAt };
  }
}
