import { ApplicationFailure } from '@temporalio/workflow';
import type { Extension, InstanceRequest } from './instance-api.ts';

/** How long a machine may live: counted from here, bounded by its price, and put off by whoever leased it. */
export class LeaseTime {
  readonly #request: InstanceRequest;
  /** Milliseconds since the epoch. */
  readonly #start = Date.now();
  #maxSeconds: number;

  constructor(request: InstanceRequest) {
    this.#request = request;
    this.#maxSeconds = request.maxSeconds;
  }

  /** Milliseconds since the epoch. @param pricePerHour US dollars. */
  endsAt(pricePerHour: number): number {
    const { maxDollars = Number.POSITIVE_INFINITY } = this.#request;
    return this.#start + Math.min(this.#maxSeconds, (maxDollars / pricePerHour) * 3600) * 1000;
  }

  /** Never takes anything away. */
  extend({ seconds }: Extension): void {
    this.#maxSeconds = Math.max(this.#maxSeconds, (Date.now() - this.#start) / 1000 + seconds);
  }

  /** @throws ApplicationFailure when there is no extending by that much. */
  check({ seconds }: Extension): void {
    const { label, mostSeconds } = this.#request;
    if (mostSeconds === undefined) throw refusal(`${label} cannot be extended: the limits of its run end it.`);
    if (!(seconds > 0)) throw refusal('An extension is longer than nothing.');
    const latest = this.#start + mostSeconds * 1000;
    if (Date.now() + seconds * 1000 <= latest) return;
    throw refusal(`${label} can be extended up to ${new Date(latest).toISOString()} and no further.`);
  }
}

function refusal(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'invalid');
}
