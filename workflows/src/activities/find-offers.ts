import { alternatives, type Offer, rankOffers } from '@gpu-clouds/clouds/pure';
import type { FailureKind } from '@gpu-clouds/jobs/contract';
import { activityInfo, Context, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { OffersInput } from './contract.ts';
import { cloudOf, type Dependencies } from './dependencies.ts';
import { toFailure } from './failures.ts';

/** A marketplace lists thousands of offers. This many of the cheapest are enough to fail over, and fit into a history. */
const maxOffers = 40;
/** Each pause between two polls is longer than the one before by this factor. */
const pauseGrowth = 1.5;

/** Returns the cheapest offers of one cloud that meet the constraints. */
export function findOffers(dependencies: Dependencies) {
  return (input: OffersInput): Promise<readonly Offer[]> =>
    matchingOffers(dependencies, input, (signal) => cloudOf(dependencies, input.vendor).listOffers({ signal }));
}

/**
 * Lists offers and returns the cheapest that meet the constraints.
 * @throws ApplicationFailure `no-offer`, to be retried after a pause, if the input says to wait and there is none.
 */
export async function matchingOffers(
  { timing }: Dependencies,
  { vendor, constraints, wait = false }: OffersInput,
  list: (signal: AbortSignal) => Promise<readonly Offer[]>,
): Promise<readonly Offer[]> {
  const pauseMs = jittered(Math.min(timing.longestOfferPauseMs, timing.offerPauseMs * pauseGrowth ** (attempt() - 1)));
  try {
    const listed = await list(cancellationSignal());
    const wanted = alternatives(constraints);
    const offers = wanted.flatMap((one) => rankOffers(listed, one).slice(0, Math.ceil(maxOffers / wanted.length)));
    if (wait && offers.length === 0) throw notYet(`${vendor} has no offer that fits.`, pauseMs);
    return offers;
  } catch (error) {
    if (cancellationSignal().aborted) await Context.current().cancelled;
    const failure = toFailure(error);
    throw wait ? notYet(failure.message, pauseMs) : failure;
  }
}

function attempt(): number {
  return activityInfo().attempt;
}

/** Temporal waits before the next attempt, without a slot of the worker and without an event in the history. */
function notYet(message: string, pauseMs: number): ApplicationFailure {
  const type: FailureKind = 'no-offer';
  return ApplicationFailure.create({
    type,
    message,
    nextRetryDelay: pauseMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Runs that wait for the same GPU must not all ask at the same time. */
function jittered(ms: number): number {
  return ms * (0.8 + Math.random() * 0.4);
}
