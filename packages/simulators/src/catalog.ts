import type { Vendor } from './vendor.ts';

/** Other prices and stock than the built-in ones. */
export interface CatalogOverride {
  /** US dollars an hour: of the product, or of one GPU where the vendor prices GPUs (GPU.ai, TensorDock). */
  readonly pricePerHour?: number;
  /** How many are free, in each place where there are any. */
  readonly available?: number;
}

/** By vendor, then by what the vendor calls the product: `1A6000.10V`, `gpu_1x_a6000`, `rtx_a6000`, `rtxa6000-pcie-48gb`. */
export type CatalogOverrides = Readonly<Partial<Record<Vendor, Readonly<Record<string, CatalogOverride>>>>>;

/** Applies one vendor's overrides. @throws Error when a product is not known */
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
    throw new Error(`The ${vendor} simulator has no product "${unknownProduct}"; it has ${[...names].join(', ')}.`);
  }
  return rows.map((row) => {
    const override = own[row.name];
    return override === undefined ? row : change(row, override);
  });
}
