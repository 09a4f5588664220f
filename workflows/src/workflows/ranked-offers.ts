import { type Offer, rankOffers, type Vendor } from '@gpu-clouds/clouds/pure';
import type { FailureSummary } from '@gpu-clouds/jobs/contract';
import { ActivityFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { Prepared } from '../activities/contract.ts';
import { job as jobActivities } from './activity-proxies.ts';
import { summaryOf } from './failure-summary.ts';
import type { JobMode } from './job-mode.ts';
import type { JobRun } from './job-run.ts';
import { noOfferAtAll } from './no-offer.ts';
import { constraintsAfter } from './run-caps.ts';

/** Checks the job, and completes it with its defaults. */
export async function prepared(run: JobRun): Promise<Prepared> {
  const { fleet, job, store, contract, lease } = run.order;
  const found = await jobActivities.prepareJob({ fleet, job, store, contract, lease });
  if (found.job !== undefined) run.record.complete(found.job);
  return found;
}

/** Checks and completes the job, and returns the clouds to rent from. */
export async function preparedVendors(run: JobRun): Promise<readonly Vendor[]> {
  const { vendors } = await prepared(run);
  return vendors.filter((vendor) => run.memory.mayTry({ vendor }));
}

/**
 * Returns the offers of all clouds that meet the job, cheapest first, and offers that failed in this run last. A cloud that does not answer
 * is noted and left out.
 */
export async function rankedOffers(run: JobRun, mode: JobMode, vendors: readonly Vendor[]): Promise<readonly Offer[]> {
  const constraints = constraintsAfter(run.memory.preemptions, run.order.job);
  const answers = await Promise.allSettled(vendors.map((vendor) => mode.findOffers(vendor, constraints)));
  const found: Offer[] = [];
  const answered: Vendor[] = [];
  for (const [index, answer] of answers.entries()) {
    const vendor = vendors[index];
    if (vendor === undefined) continue;
    if (answer.status === 'fulfilled') {
      found.push(...answer.value);
      answered.push(vendor);
    } else if (isCancellation(answer.reason)) throw answer.reason;
    else run.noteCloudFailure(vendor, whyNoOffers(vendor, answer.reason));
  }
  if (found.length === 0) throw noOfferAtAll(constraints, { vendors, answered }, run.record.facts.failures);
  return run.memory.inOrder(rankOffers(found, constraints));
}

function whyNoOffers(vendor: Vendor, reason: unknown): FailureSummary {
  const late = reason instanceof ActivityFailure && reason.cause instanceof TimeoutFailure;
  return late ? { kind: 'unavailable', message: `${vendor} did not list its offers in time.` } : summaryOf(reason);
}
