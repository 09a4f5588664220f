import type { JobStatus } from '../job-status.ts';
import { durationSeconds } from './duration.ts';
import type { Job } from './job-schema.ts';

/**
 * Returns the most that a run may cost, in US dollars: `maxCost`, or what `maxDuration` costs at a price, if that is less.
 * @param pricePerHour US dollars per hour of all nodes. If omitted, only `maxCost` counts.
 * @returns undefined if there is neither `maxCost` nor a price
 */
export function costCap(
  { maxCost = Number.POSITIVE_INFINITY, maxDuration }: Job['limits'],
  pricePerHour = Number.POSITIVE_INFINITY,
): number | undefined {
  const cap = Math.min(maxCost, (pricePerHour * durationSeconds(maxDuration)) / 3600);
  return Number.isFinite(cap) ? cap : undefined;
}

/** Returns the {@link costCap} of a run at `maxPricePerHour`, or at the highest price of its instances so far. Undefined if neither is known. */
export function costCapOf(
  limits: Job['limits'],
  { instances, nodes }: Pick<JobStatus, 'instances' | 'nodes'>,
): number | undefined {
  const prices = instances.map(({ pricePerHour }) => pricePerHour);
  const highest = limits.maxPricePerHour ?? (prices.length === 0 ? undefined : Math.max(...prices));
  return costCap(limits, highest === undefined ? undefined : highest * nodes);
}
