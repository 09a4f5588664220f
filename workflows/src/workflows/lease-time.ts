import { orderedPricePerHour, parseInstanceName } from '@gpu-clouds/clouds/pure';
import { dollars, type Extension, type InstanceRequest, type LeasePrices } from '@gpu-clouds/jobs/contract';
import type { ApplicationFailure } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';

/** How long an instance may last and what it costs, counted from here. An extension adds time, not dollars. */
export class LeaseTime {
  readonly #request: InstanceRequest;
  /** Milliseconds since the epoch. */
  readonly #start = Date.now();
  readonly #orderedPricePerHour: number;
  /** Milliseconds since the epoch: the reaper destroys the instance soon after. */
  readonly deadline: number;
  #maxSeconds: number;
  #pricePerHour: number;
  /** When the current price began, in milliseconds since the epoch. */
  #pricedAt = this.#start;
  /** US dollars spent before the current price began. */
  #spent = 0;
  #earlierPrices: LeasePrices['earlierPrices'] = [];
  #reported = false;

  constructor(request: InstanceRequest) {
    this.#request = request;
    this.#maxSeconds = request.ttlSeconds;
    this.#orderedPricePerHour = orderedPricePerHour(request.offer, request.storage);
    this.#pricePerHour = this.#orderedPricePerHour;
    const { instanceName, ttlSeconds, maxTtlSeconds = ttlSeconds } = request;
    this.deadline = parseInstanceName(instanceName)?.deadline ?? this.#start + maxTtlSeconds * 1000;
  }

  /** When the caps began, in milliseconds since the epoch. */
  get startedAt(): number {
    return this.#start;
  }

  /** US dollars per hour: the higher of the ordered price and the price that the vendor reports. */
  get pricePerHour(): number {
    return this.#pricePerHour;
  }

  /** The price and the earlier ones. */
  get prices(): LeasePrices {
    return { pricePerHour: this.#pricePerHour, earlierPrices: this.#earlierPrices };
  }

  /** What `awaitRunning` and `watchInstance` need to detect a price change. */
  get pricing() {
    const { maxPricePerHour } = this.#request;
    const [pricePerHour, pricedAt] = [this.#pricePerHour, this.#pricedAt];
    return { pricePerHour, pricedAt, orderedPricePerHour: this.#orderedPricePerHour, maxPricePerHour };
  }

  /** When the current price began, in ISO 8601. Undefined if it has been the same since the start. */
  get pricedSince(): string | undefined {
    return this.#pricedAt === this.#start ? undefined : new Date(this.#pricedAt).toISOString();
  }

  /**
   * Records the price that the vendor reports, in US dollars per hour. The first one counts from the start, because the vendor bills it from then on.
   * @throws ApplicationFailure `price-exceeded` if it is above the limit
   */
  report(reportedPricePerHour: number): void {
    const price = Math.max(this.#orderedPricePerHour, reportedPricePerHour);
    if (this.#reported && price !== this.#pricePerHour) {
      const now = Date.now();
      this.#spent += this.#costUntil(now);
      this.#pricedAt = now;
      const earlier = { until: new Date(now).toISOString(), pricePerHour: this.#pricePerHour };
      this.#earlierPrices = bounded([...this.#earlierPrices, earlier], this.#start);
    }
    this.#reported = true;
    this.#pricePerHour = price;
    this.#checkPrice(reportedPricePerHour);
  }

  /** When a cap ends the instance, in milliseconds since the epoch. */
  get endsAt(): number {
    const { maxDollars = Number.POSITIVE_INFINITY } = this.#request;
    return Math.min(this.#start + this.#maxSeconds * 1000, this.affordableUntil(maxDollars), this.deadline);
  }

  /** Returns when this many US dollars are spent at the current price, in milliseconds since the epoch. */
  affordableUntil(dollars: number): number {
    return this.#pricedAt + ((dollars - this.#spent) / this.#pricePerHour) * 3_600_000;
  }

  /** Returns the US dollars spent from the start until then. @param now Milliseconds since the epoch, not before the latest price change. */
  spentUntil(now: number): number {
    return this.#spent + this.#costUntil(now);
  }

  /** Never shortens the time. */
  extend({ seconds }: Extension): void {
    this.#maxSeconds = Math.max(this.#maxSeconds, (Date.now() - this.#start) / 1000 + seconds);
  }

  /** @throws ApplicationFailure `invalid` if the extension is not allowed. */
  check({ seconds }: Extension): void {
    const { instanceName, maxTtlSeconds, maxDollars = Number.POSITIVE_INFINITY } = this.#request;
    if (maxTtlSeconds === undefined)
      throw refusal(`${instanceName} cannot be extended, because it belongs to a run with limits of its own.`);
    if (!(seconds > 0)) throw refusal('An extension must be longer than 0 seconds.');
    const end = Date.now() + seconds * 1000;
    const latest = Math.min(this.#start + maxTtlSeconds * 1000, this.deadline);
    if (end > latest) throw refusal(`The lease can be extended up to ${timestamp(latest)} and no further.`);
    const affordable = this.affordableUntil(maxDollars);
    if (end > affordable)
      throw refusal(`The lease may cost at most ${dollars(maxDollars)}, which is spent at ${timestamp(affordable)}.`);
  }

  #costUntil(now: number): number {
    return ((now - this.#pricedAt) / 3_600_000) * this.#pricePerHour;
  }

  #checkPrice(reported: number): void {
    const { instanceName, offer, maxPricePerHour } = this.#request;
    if (maxPricePerHour === undefined || reported <= maxPricePerHour + roundingError) return;
    throw finalFailure(
      'price-exceeded',
      `${instanceName} costs $${reported.toFixed(4)} per hour at ${offer.vendor}, above maxPricePerHour ($${maxPricePerHour}). It is released.`,
    );
  }
}

type EarlierPrices = LeasePrices['earlierPrices'];

/** Each change writes them all into the history, so a vendor that changes its price at every poll must not make them grow. */
const mostEarlierPrices = 20;

/** Joins the two oldest prices, if there are too many, into one that makes the same cost. */
function bounded(prices: EarlierPrices, start: number): EarlierPrices {
  const [first, second, ...others] = prices;
  if (prices.length <= mostEarlierPrices || first === undefined || second === undefined) return prices;
  const [middle, end] = [Date.parse(first.until), Date.parse(second.until)];
  const cost = first.pricePerHour * (middle - start) + second.pricePerHour * (end - middle);
  return [{ until: second.until, pricePerHour: cost / (end - start) }, ...others];
}

/** US dollars per hour. Smaller differences come from rounding. */
const roundingError = 1e-6;

function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function refusal(message: string): ApplicationFailure {
  return finalFailure('invalid', message);
}
