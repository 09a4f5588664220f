import type { Growth } from './cloud.ts';

/** Returns a vendor's price in US dollars per hour, or undefined if it is not a positive number: caps in dollars cannot count with it. */
export function priceOf(reported: unknown): number | undefined {
  return positive(typeof reported === 'string' ? Number(reported) : reported);
}

/** Returns a positive, finite number, or undefined for everything else. */
export function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : undefined;
}

/** Whether a value is a price of a part: a finite number, which may be 0, since vendors give some parts for nothing. */
export function isPartPrice(value: unknown): value is number {
  return value === 0 || positive(value) !== undefined;
}

/** Whether a part has a maximum and a price. In JSON, a number that is not finite became null. */
export function isGrowth({ max, pricePerHour }: Growth): boolean {
  return Number.isFinite(max) && isPartPrice(pricePerHour);
}

/** Rounds to a ten-thousandth of a cent, which removes the noise of binary fractions. */
export function roundedPrice(price: number): number {
  return Math.round(price * 1e6) / 1e6;
}
