import { alternatives, type Offer, type OfferConstraints, rankOffers } from '@gpu-clouds/clouds/pure';
import type { Job } from '../job/job-schema.ts';
import { offerConstraints } from '../job/offer-constraints.ts';
import type { LeaseDescription } from './lease-api.ts';

/** How many GPUs of a lease a job gets, or why it cannot run there: one sentence for each reason. */
export type LeaseFit = { readonly gpus: number } | { readonly refusals: readonly string[] };

/**
 * Returns whether a job can run on a lease. What the job says about renting does not matter there: prices, spot, retries after a
 * preemption, and waiting for an offer. `count`, or the count of a GPU, is how many of the lease's GPUs the job gets; without one, all.
 */
export function leaseFit(job: Job, lease: LeaseDescription): LeaseFit {
  if (job.mode === 'job-deployment') return { refusals: ['mode: job-deployment cannot run on a lease.'] };
  const { resources, retry } = job;
  const refusals = [
    ...(resources.nodes === 1 ? [] : [`resources.nodes is ${resources.nodes}, and a lease is one instance.`]),
    ...(retry.onFailure?.sameInstance === false
      ? ['retry.onFailure.sameInstance is false, and a lease has no other instance.']
      : []),
    ...(resources.image === undefined || resources.image === lease.image
      ? []
      : [`resources.image is ${resources.image}, and the lease has ${lease.image ?? "the vendor's default image"}.`]),
  ];
  const gpus = gpusFor(job, lease);
  if (gpus !== undefined && refusals.length === 0) return { gpus };
  const { gpuCount, gpu, vendor, region } = lease.offer;
  const mismatch = `The lease ${lease.name}, ${gpuCount}x ${gpu} at ${vendor} in ${region}, does not meet the job's resources.`;
  return { refusals: gpus === undefined ? [...refusals, mismatch] : refusals };
}

function gpusFor(job: Job, { offer, storage }: LeaseDescription): number | undefined {
  const { resources } = job;
  // Its size is what was ordered, and nothing can be added.
  const { growth: _growth, available: _available, ...rented } = offer;
  const leased = { ...rented, storage: storage ?? offer.storage };
  const wanted: OfferConstraints = { ...offerConstraints(job), gpuCount: resources.count, minAvailable: undefined };
  for (const { gpu, ...constraints } of alternatives(wanted)) {
    for (const name of [gpu].flat()) {
      const count = countFor(leased, { ...constraints, gpu: name, spot: 'allow', maxPricePerHour: undefined });
      if (count !== undefined) return count;
    }
  }
  return undefined;
}

/** The largest first: without a count, a GPU matches as many as there are. */
function countFor(leased: Offer, constraints: OfferConstraints): number | undefined {
  for (let gpuCount = leased.gpuCount; gpuCount > 0; gpuCount -= 1) {
    if (rankOffers([{ ...leased, gpuCount }], constraints).length > 0) return gpuCount;
  }
  return undefined;
}
