import { alternatives, type OfferAlternative, type OfferConstraints } from '@gpu-clouds/clouds/pure';
import {
  costOf,
  dollars,
  durationSeconds,
  type InstanceRequest,
  type Job,
  type JobInstance,
  offerConstraints,
} from '@gpu-clouds/jobs/contract';
import type { ApplicationFailure } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';

/** How long each instance may last, and what it may cost. */
export type Allowance = Pick<InstanceRequest, 'ttlSeconds' | 'maxDollars' | 'maxPricePerHour'>;

/** An instance is not rented for less time than this. */
const leastSeconds = 60;

/**
 * Returns what is left of both caps for each node, counted from the first create call. Each node has its own share of the dollars, so the sum
 * stays below the cap although the owners do not know of each other.
 * @throws ApplicationFailure `cap-reached` if that is not enough for another instance.
 */
export function allowanceFor(
  job: Job,
  maxPricePerHour: number | undefined,
  { instances, waitedMs }: { readonly instances: readonly JobInstance[]; readonly waitedMs: number },
  pricePerHour: number,
): Allowance {
  const { maxDuration, maxCost } = job.limits;
  const now = Date.now();
  const [first] = instances;
  const used = first === undefined ? 0 : (now - Date.parse(first.since) - waitedMs) / 1000;
  const ttlSeconds = durationSeconds(maxDuration) - used;
  const left = maxCost === undefined ? Number.POSITIVE_INFINITY : maxCost - costOf(instances, now);
  const maxDollars = left / job.resources.nodes;
  if (Math.min(ttlSeconds, (maxDollars / pricePerHour) * 3600) < leastSeconds) throw capReached(job);
  return { ttlSeconds, maxPricePerHour, maxDollars: maxCost === undefined ? undefined : maxDollars };
}

export function capReached({ limits: { maxDuration, maxCost } }: Job): ApplicationFailure {
  const caps = [`maxDuration ${maxDuration}`, ...(maxCost === undefined ? [] : [`maxCost ${dollars(maxCost)}`])];
  return finalFailure('cap-reached', `The job reached its cap (${caps.join(', ')}) and was ended.`);
}

/**
 * Returns the job's constraints on offers. After more preemptions than the job allows, they exclude spot instances.
 * @throws ApplicationFailure `preempted` if the job accepts only spot instances.
 */
export function constraintsAfter(preemptions: number, job: Job): OfferConstraints {
  const constraints = offerConstraints(job);
  if (job.mode !== 'instance' || preemptions <= job.retry.onPreemption) return constraints;
  const onDemand = alternatives(constraints).filter(({ spot }) => spot !== 'only');
  if (onDemand.length === 0) {
    throw finalFailure(
      'preempted',
      `Clouds took back ${preemptions} spot instances of the job: raise retry.onPreemption, or take on-demand instances too with resources.spot: allow.`,
    );
  }
  return { ...constraints, anyOf: onDemand.map((one): OfferAlternative => ({ ...one, spot: 'never' })) };
}
