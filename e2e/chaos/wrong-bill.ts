import type { RunRecord } from './run-record.ts';

/** Time in seconds by which the product may count less than the vendor: it counts from its own clock. */
const toleranceSeconds = 5;

/** Something that the ledger has billed for a run. */
export interface Billed {
  readonly dollars: number;
  readonly highestPricePerHour: number;
}

/**
 * Returns the US dollars that the product left out of the cost that it reported. What it counts in excess is right: it counts at the higher of
 * two prices, and until the vendor no longer shows the instance.
 */
export function unreportedDollars({ reported, applied }: RunRecord, billed: readonly Billed[]): number {
  // A reset run does not know its earlier instances, so it does not count what they cost.
  if (reported?.dollars === undefined || applied.has('reset')) return 0;
  const dollars = billed.reduce((sum, item) => sum + item.dollars, 0);
  const pricePerHour = billed.reduce((sum, item) => sum + item.highestPricePerHour, 0);
  return Math.max(0, dollars - reported.dollars - (toleranceSeconds / 3600) * pricePerHour);
}
