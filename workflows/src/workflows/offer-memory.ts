import type { Offer, Vendor } from '@gpu-clouds/clouds/pure';
import { type FailureKind, failurePolicies } from '@gpu-clouds/jobs/contract';

/** How often a run tries the same offer. A failure that occurs each time is no accident. */
const maxTries = 3;

/** What one run has learned about clouds and offers. */
export class OfferMemory {
  readonly #excluded = new Set<Vendor>();
  /** In the order of the latest failures. */
  readonly #failed = new Set<string>();
  /** By offer: how many of its latest failures in a row may be repeated. */
  readonly #repeats = new Map<string, number>();
  #preemptions = 0;
  #restarts = 0;

  /** Number of spot instances that the vendor took back. */
  get preemptions(): number {
    return this.#preemptions;
  }

  /** Number of times that the run had to list offers again. */
  get restarts(): number {
    return this.#restarts;
  }

  restart(): void {
    this.#restarts += 1;
  }

  note(failure: { readonly vendor: Vendor; readonly offer?: Offer | undefined; readonly kind: FailureKind }): void {
    const { next } = failurePolicies[failure.kind];
    if (next === 'next-cloud') this.#excluded.add(failure.vendor);
    if (next === 'new-offers') {
      this.#preemptions += 1;
      this.restart();
    }
    if (failure.offer === undefined) return;
    const key = keyOf(failure.offer);
    this.#repeats.set(key, next === 'same-offer' ? (this.#repeats.get(key) ?? 0) + 1 : 0);
    this.#failed.delete(key);
    this.#failed.add(key);
  }

  /** Lets clouds be tried again that were left out, after the run has waited. */
  forgive(): void {
    this.#excluded.clear();
  }

  /** Whether no failure so far excludes the whole cloud. */
  mayTry({ vendor }: Pick<Offer, 'vendor'>): boolean {
    return !this.#excluded.has(vendor);
  }

  /** Whether the offer failed for a reason that may not occur again, and not too often yet. */
  mayRepeat(offer: Offer): boolean {
    const repeats = this.#repeats.get(keyOf(offer)) ?? 0;
    return repeats > 0 && repeats < maxTries;
  }

  /** Offers that have not failed in this run first, as they come; then the others, the one that failed longest ago first. */
  inOrder(offers: readonly Offer[]): readonly Offer[] {
    const failed = [...this.#failed];
    const turn = (offer: Offer) => failed.indexOf(keyOf(offer));
    return offers.toSorted((a, b) => turn(a) - turn(b));
  }
}

function keyOf({ vendor, id, region, spot }: Offer): string {
  return JSON.stringify([vendor, id, region, spot]);
}
