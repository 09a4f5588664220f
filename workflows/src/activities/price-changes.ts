import type { AwaitInput } from './contract.ts';

/** A rise by so much is reported at once. Smaller ones, and falls, wait: each report costs the owner's history some events. */
const steep = 1.05;
const pauseMs = 15 * 60_000;
/** US dollars per hour: less is noise of a vendor's division. */
const noise = 1e-6;

/**
 * Whether a price is different enough from the one that is counted.
 * @param reported US dollars per hour.
 * @param now Milliseconds since the epoch.
 */
export function isWorthReporting(
  reported: number,
  {
    pricePerHour,
    pricedAt,
    orderedPricePerHour,
    maxPricePerHour,
  }: Pick<AwaitInput, 'pricePerHour' | 'pricedAt' | 'orderedPricePerHour' | 'maxPricePerHour'>,
  now: number,
): boolean {
  if (maxPricePerHour !== undefined && reported > maxPricePerHour + noise) return true;
  const counts = Math.max(orderedPricePerHour, reported);
  if (counts > pricePerHour * steep) return true;
  return Math.abs(counts - pricePerHour) > noise && now - pricedAt >= pauseMs;
}
