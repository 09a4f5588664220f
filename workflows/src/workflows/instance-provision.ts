import type { InstanceEnd, InstanceFacts } from '@gpu-clouds/jobs/contract';
import { CancelledFailure } from '@temporalio/workflow';
import type { AwaitInput, Running } from '../activities/contract.ts';
import { finalFailure } from '../final-failure.ts';
import { creation, probe, teardown, waiting } from './activity-proxies.ts';
import { createDetails, lastCreateAfter } from './create-details.ts';
import type { Owner, Provision } from './provision.ts';

/** Creates, watches, and destroys an instance. */
export class InstanceProvision implements Provision {
  readonly #owner: Owner;
  #keyId: string | undefined;
  #volumeIds: readonly string[] = [];
  /** Milliseconds since the epoch: the create call. */
  #createdAt = 0;
  /** Milliseconds since the epoch. An unlisted instance may still appear within the consistency window after this; undefined if none can. */
  #lastCreateAt: number | undefined;
  /** Begins before SSH answers, because the price may rise, or the instance be lost, while it does not. */
  #lost: Promise<never> | undefined;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  get mayHaveBilled(): boolean {
    return this.#owner.ownership.facts.instanceId !== undefined || this.#lastCreateAt !== undefined;
  }

  async create(): Promise<void> {
    const { instanceName, offer, image, storage, ttlSeconds, maxTtlSeconds, contract } = this.#owner.request;
    const { vendor } = offer;
    this.#createdAt = Date.now();
    this.#lastCreateAt = this.#createdAt;
    const maxLifeSeconds = maxTtlSeconds ?? ttlSeconds;
    const input = { vendor, instanceName, offer, image, storage, maxLifeSeconds, contract };
    try {
      const created = await creation(vendor, `Rent ${offer.gpu} in ${offer.region}`).createInstance(input);
      this.#keyId = created.keyId;
      this.#lastCreateAt = created.mayHaveTwin ? Date.now() : undefined;
      this.#owner.ownership.change({ state: 'booting', instanceId: created.instanceId });
    } catch (error) {
      this.#keyId = createDetails(error)?.keyId;
      this.#lastCreateAt = lastCreateAfter(error);
      throw error;
    }
  }

  /**
   * Waits until the vendor says that the instance is running and SSH answers.
   * @throws ApplicationFailure `lost`, `price-exceeded`
   */
  async becomeReady(): Promise<void> {
    const { ssh, pricePerHour, volumeIds } = await this.#untilRunning();
    this.#volumeIds = volumeIds;
    this.#reprice(pricePerHour, { ssh });
    this.#lost = this.#watch();
    const host = await Promise.race([probe.awaitSsh({ ...this.#ref(), ssh }), this.#lost]);
    this.#owner.ownership.change({ state: 'ready', ...host });
  }

  /** Fails when the vendor takes the instance back or charges more than the limit. */
  async untilLost(): Promise<InstanceEnd> {
    return this.#lost ?? this.#watch();
  }

  destroy(): Promise<string | undefined> {
    const { instanceName, offer } = this.#owner.request;
    return teardown(offer.vendor, `Destroy ${instanceName}`).destroyInstance({
      vendor: offer.vendor,
      instanceName,
      instanceId: this.#owner.ownership.facts.instanceId,
      keyId: this.#keyId,
      volumeIds: this.#volumeIds,
      lastCreateAt: this.#lastCreateAt,
    });
  }

  /** Emits the new price also when it ends the instance. @throws ApplicationFailure `price-exceeded` */
  #reprice(reportedPricePerHour: number | undefined, news: Partial<InstanceFacts> = {}): void {
    const { time, ownership } = this.#owner;
    try {
      if (reportedPricePerHour !== undefined) time.report(reportedPricePerHour);
    } finally {
      const { pricePerHour, pricedSince } = time;
      ownership.change({ ...news, pricePerHour, pricedSince });
    }
  }

  async #untilRunning(): Promise<Running> {
    for (;;) {
      const input = this.#awaitInput();
      const found = await waiting(input.vendor).awaitRunning(input);
      if (!('reportedPricePerHour' in found)) return found;
      this.#reprice(found.reportedPricePerHour);
    }
  }

  async #watch(): Promise<never> {
    for (;;) {
      const input = this.#awaitInput();
      const end = await waiting(input.vendor).watchInstance(input);
      if ('message' in end) throw finalFailure('lost', end.message);
      this.#reprice(end.reportedPricePerHour);
    }
  }

  #awaitInput(): AwaitInput {
    return { ...this.#ref(), ...this.#owner.time.pricing };
  }

  #ref() {
    const { instanceName, offer } = this.#owner.request;
    const { instanceId } = this.#owner.ownership.facts;
    // Only a create that was cancelled before it was sent has no id.
    if (instanceId === undefined) throw new CancelledFailure(`${instanceName} was not created.`);
    return { vendor: offer.vendor, instanceName, instanceId, createdAt: this.#createdAt };
  }
}
