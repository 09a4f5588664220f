/** Returns a vendor's price in US dollars per hour, or undefined if it is not a positive number: caps in dollars cannot count with it. */
export function priceOf(reported: unknown): number | undefined {
  return positive(Number(reported));
}

/** Returns a positive, finite number, or undefined for everything else. */
export function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : undefined;
}

/** Rounds to a ten-thousandth of a cent, which removes the noise of binary fractions. */
export function roundedPrice(price: number): number {
  return Math.round(price * 1e6) / 1e6;
}
