import { type Offer, rankOffers } from '@gpu-clouds/clouds/pure';
import { Context, cancellationSignal } from '@temporalio/activity';
import type { OffersInput } from './contract.ts';
import { cloudOf, type Dependencies } from './dependencies.ts';
import { toFailure } from './failures.ts';

/** A marketplace lists thousands of offers. This many of the cheapest are enough to fail over, and fit into a history. */
const maxOffers = 40;

/** Returns the cheapest offers of one cloud that meet the constraints. */
export function findOffers(dependencies: Dependencies) {
  return async ({ vendor, constraints }: OffersInput): Promise<readonly Offer[]> => {
    try {
      const offers = await cloudOf(dependencies, vendor).listOffers({ signal: cancellationSignal() });
      return rankOffers(offers, constraints).slice(0, maxOffers);
    } catch (error) {
      if (cancellationSignal().aborted) await Context.current().cancelled;
      throw toFailure(error);
    }
  };
}
