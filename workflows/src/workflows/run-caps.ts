import type { OfferConstraints } from '@gpu-clouds/clouds/pure';
import {
  costOf,
  durationSeconds,
  type InstanceRequest,
  type Job,
  type JobInstance,
  offerConstraints,
} from '@gpu-clouds/jobs/contract';
import type { ApplicationFailure } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';

/** How long each instance may still live, and for how much. */
export type Allowance = Pick<InstanceRequest, 'ttlSeconds' | 'maxDollars' | 'maxPricePerHour'>;

/** An instance is not worth renting for less than this. */
const leastSeconds = 60;

/**
 * What is left of both caps for each of the nodes, counted from the first create call. Each has its share of the dollars to itself, so
 * that none needs to know of the others to keep the whole below the cap.
 * @throws ApplicationFailure when that is not enough for another instance.
 */
export function allowanceFor(job: Job, instances: readonly JobInstance[], pricePerHour: number): Allowance {
  const { maxDuration, maxCost, maxPricePerHour } = job.limits;
  const now = Date.now();
  const [first] = instances;
  const used = first === undefined ? 0 : (now - Date.parse(first.since)) / 1000;
  const ttlSeconds = durationSeconds(maxDuration) - used;
  const left = maxCost === undefined ? Number.POSITIVE_INFINITY : maxCost - costOf(instances, now);
  const maxDollars = left / job.resources.nodes;
  if (Math.min(ttlSeconds, (maxDollars / pricePerHour) * 3600) < leastSeconds) throw capReached(job);
  return { ttlSeconds, maxPricePerHour, maxDollars: maxCost === undefined ? undefined : maxDollars };
}

export function capReached({ limits: { maxDuration, maxCost } }: Job): ApplicationFailure {
  const caps = [`maxDuration ${maxDuration}`, ...(maxCost === undefined ? [] : [`maxCost $${maxCost}`])];
  return finalFailure('cap-reached', `The job reached its cap (${caps.join(', ')}) and was ended.`);
}

/**
 * What offers have to meet by now: after as many preemptions as the job bears, spot instances no more.
 * @throws ApplicationFailure when the job takes nothing but them.
 */
export function constraintsAfter(preemptions: number, job: Job): OfferConstraints {
  const constraints = offerConstraints(job);
  if (preemptions <= job.retry.onPreemption) return constraints;
  if (job.resources.spot === 'only') {
    throw finalFailure(
      'preempted',
      `Clouds took back ${preemptions} spot instances of the job: raise retry.onPreemption, or take on-demand instances too with resources.spot: allow.`,
    );
  }
  return { ...constraints, spot: 'never' };
}
