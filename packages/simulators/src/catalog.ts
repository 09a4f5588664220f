import { Stock, type StockRow } from './stock.ts';
import type { Vendor } from './vendor.ts';

/** Replaces the built-in price or stock of a product. */
export interface CatalogOverride {
  /**
   * Price in US dollars per hour: of one GPU for GPU.ai and TensorDock, of the whole product for Verda and Massed
   * Compute.
   */
  readonly pricePerHour?: number;
  /** Number of free units in each region that has the product (on each host for TensorDock). */
  readonly available?: number;
}

/**
 * Overrides by vendor, then by the vendor's product name: `1A6000.10V`, `gpu_1x_a6000`, `rtx_a6000`,
 * `rtxa6000-pcie-48gb`.
 */
export type CatalogOverrides = Readonly<Partial<Record<Vendor, Readonly<Record<string, CatalogOverride>>>>>;

/**
 * Returns the rows of a vendor's catalog with the overrides applied.
 * @throws Error when an override names an unknown product
 */
export function overridden<Row extends { readonly name: string }>(
  vendor: Vendor,
  rows: readonly Row[],
  overrides: CatalogOverrides,
  change: (row: Row, override: CatalogOverride) => Row,
): readonly Row[] {
  const own = overrides[vendor] ?? {};
  const names = new Set(rows.map((row) => row.name));
  const unknownProduct = Object.keys(own).find((name) => !names.has(name));
  if (unknownProduct !== undefined) {
    throw new Error(
      `The ${vendor} simulator has no product "${unknownProduct}". Use one of: ${[...names].join(', ')}.`,
    );
  }
  return rows.map((row) => {
    const override = own[row.name];
    return override === undefined ? row : change(row, override);
  });
}

/**
 * Returns the stock of a vendor's catalog with the overrides applied.
 * @throws Error when an override names an unknown product
 */
export function stockOf<Row extends StockRow & { readonly pricePerHour: number }>(
  vendor: Vendor,
  rows: readonly Row[],
  overrides: CatalogOverrides,
): Stock<Row> {
  const changed = overridden(vendor, rows, overrides, (row, { pricePerHour = row.pricePerHour, available }) => ({
    ...row,
    pricePerHour,
    stock: Object.fromEntries(Object.entries(row.stock).map(([region, count]) => [region, available ?? count])),
  }));
  return new Stock(changed);
}
