import type { Offer, OfferConstraints, Vendor } from '@gpu-clouds/clouds/pure';
import type { Rentable } from './rentable.ts';
import type { RentedNodes } from './rented-nodes.ts';
import type { Done } from './run-outcome.ts';

/** What the modes of a job differ in. The rest of a run is the same for instances and job deployments. */
export interface JobMode {
  /** What the run rents. */
  readonly request: Rentable;
  /** Returns the offers of one cloud that meet the constraints. */
  findOffers(vendor: Vendor, constraints: OfferConstraints): Promise<readonly Offer[]>;
  /** Waits until one cloud has an offer that meets the constraints. Rejects after the timeout. */
  awaitOffer(vendor: Vendor, constraints: OfferConstraints, timeoutMs: number): Promise<unknown>;
  /** Does the job on the rented nodes. It is cancelled when one of them ends. Returns undefined if the job goes on with other nodes. */
  work(rented: RentedNodes): Promise<Done | undefined>;
}
