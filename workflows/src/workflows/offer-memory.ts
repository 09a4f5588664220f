import type { Offer, Vendor } from '@gpu-clouds/clouds/pure';
import { type FailureKind, failurePolicies } from '@gpu-clouds/jobs/contract';

/** What one run has learnt of clouds and offers. */
export class OfferMemory {
  readonly #excluded = new Set<Vendor>();
  /** In the order of the latest failures. */
  readonly #failed = new Set<string>();
  #preemptions = 0;

  /** Spot instances that were lost while the job was on them. */
  get preemptions(): number {
    return this.#preemptions;
  }

  note(failure: { readonly vendor: Vendor; readonly offer?: Offer | undefined; readonly kind: FailureKind }): void {
    const { next } = failurePolicies[failure.kind];
    if (next === 'next-cloud') this.#excluded.add(failure.vendor);
    if (next === 'new-offers') this.#preemptions += 1;
    if (failure.offer === undefined) return;
    const key = keyOf(failure.offer);
    this.#failed.delete(key);
    this.#failed.add(key);
  }

  mayTry(vendor: Vendor): boolean {
    return !this.#excluded.has(vendor);
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
