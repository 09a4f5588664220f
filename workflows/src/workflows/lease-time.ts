import { orderedPricePerHour, parseInstanceName } from '@gpu-clouds/clouds/pure';
import type { Extension, InstanceRequest } from '@gpu-clouds/jobs/contract';
import type { ApplicationFailure } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';

/** How long an instance may live, and what it costs: counted from here, bounded in dollars, and put off by whoever leased it. */
export class LeaseTime {
  readonly #request: InstanceRequest;
  /** Milliseconds since the epoch. */
  readonly #start = Date.now();
  readonly #orderedPricePerHour: number;
  /** Milliseconds since the epoch: the reaper destroys the instance soon after. */
  readonly #deadline: number;
  #maxSeconds: number;
  #pricePerHour: number;
  /** Milliseconds since the epoch: since when the price counts. */
  #pricedAt = this.#start;
  /** US dollars up to then. */
  #spent = 0;
  #reported = false;

  constructor(request: InstanceRequest) {
    this.#request = request;
    this.#maxSeconds = request.ttlSeconds;
    this.#orderedPricePerHour = orderedPricePerHour(request.offer, request.storage);
    this.#pricePerHour = this.#orderedPricePerHour;
    this.#deadline = parseInstanceName(request.instanceName)?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** US dollars per hour: the higher of what was ordered and what the cloud reports. */
  get pricePerHour(): number {
    return this.#pricePerHour;
  }

  /** For who watches the price. */
  get pricing() {
    const { maxPricePerHour } = this.#request;
    const [pricePerHour, pricedAt] = [this.#pricePerHour, this.#pricedAt];
    return { pricePerHour, pricedAt, orderedPricePerHour: this.#orderedPricePerHour, maxPricePerHour };
  }

  /** ISO 8601. Undefined while one price counts from the start. */
  get pricedSince(): string | undefined {
    return this.#pricedAt === this.#start ? undefined : new Date(this.#pricedAt).toISOString();
  }

  /**
   * The cloud reports a price in US dollars per hour. The first one counts from the start: that is what the cloud has billed since.
   * @throws ApplicationFailure `price-exceeded` when it is above the limit
   */
  report(reportedPricePerHour: number): void {
    const price = Math.max(this.#orderedPricePerHour, reportedPricePerHour);
    if (this.#reported && price !== this.#pricePerHour) {
      const now = Date.now();
      this.#spent += this.#costUntil(now);
      this.#pricedAt = now;
    }
    this.#reported = true;
    this.#pricePerHour = price;
    this.#checkPrice(reportedPricePerHour);
  }

  /** Milliseconds since the epoch. */
  get endsAt(): number {
    const { maxDollars = Number.POSITIVE_INFINITY } = this.#request;
    const affordableUntil = this.#pricedAt + ((maxDollars - this.#spent) / this.#pricePerHour) * 3_600_000;
    return Math.min(this.#start + this.#maxSeconds * 1000, affordableUntil, this.#deadline);
  }

  /** Never takes anything away. */
  extend({ seconds }: Extension): void {
    this.#maxSeconds = Math.max(this.#maxSeconds, (Date.now() - this.#start) / 1000 + seconds);
  }

  /** @throws ApplicationFailure when there is no extending by that much. */
  check({ seconds }: Extension): void {
    const { instanceName, maxTtlSeconds: mostSeconds } = this.#request;
    if (mostSeconds === undefined) throw refusal(`${instanceName} cannot be extended: the limits of its run end it.`);
    if (!(seconds > 0)) throw refusal('An extension is longer than nothing.');
    const latest = Math.min(this.#start + mostSeconds * 1000, this.#deadline);
    if (Date.now() + seconds * 1000 <= latest) return;
    throw refusal(`${instanceName} can be extended up to ${new Date(latest).toISOString()} and no further.`);
  }

  #costUntil(now: number): number {
    return ((now - this.#pricedAt) / 3_600_000) * this.#pricePerHour;
  }

  #checkPrice(reported: number): void {
    const { instanceName, offer, maxPricePerHour } = this.#request;
    if (maxPricePerHour === undefined || reported <= maxPricePerHour + noise) return;
    throw finalFailure(
      'price-exceeded',
      `${instanceName} costs $${reported.toFixed(4)} per hour at ${offer.vendor}, above maxPricePerHour ($${maxPricePerHour}): it is given back.`,
    );
  }
}

/** US dollars per hour: less is noise of a vendor's division. */
const noise = 1e-6;

function refusal(message: string): ApplicationFailure {
  return finalFailure('invalid', message);
}
