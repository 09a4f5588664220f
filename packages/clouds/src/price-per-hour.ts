import type { Instance } from './cloud.ts';

/**
 * What a vendor's figure, or text, says of an instance's price in US dollars an hour; nothing where it says nothing sensible, since a
 * cap in dollars cannot be counted with that.
 */
export function pricePerHour(said: unknown): Pick<Instance, 'pricePerHour'> {
  const price = Number(said);
  return price > 0 && Number.isFinite(price) ? { pricePerHour: price } : {};
}
