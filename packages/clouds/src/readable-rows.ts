import type { Offer } from './cloud.ts';

/**
 * The offers of all rows of a vendor's answer. A row that cannot be read, or has no price, offers nothing: it must not hide the
 * others.
 */
export function readableOffers<Row>(rows: readonly Row[], read: (row: Row) => readonly Offer[]): readonly Offer[] {
  return rows.flatMap((row) => {
    try {
      return read(row).filter(({ pricePerHour }) => pricePerHour > 0);
    } catch {
      return [];
    }
  });
}
