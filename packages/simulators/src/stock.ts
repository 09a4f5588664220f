/** A row of a catalog: a product with its number of free units by region. */
export interface StockRow {
  readonly name: string;
  readonly stock: Readonly<Record<string, number>>;
}

/** The free units of a vendor's products by region. */
export class Stock<Row extends StockRow> {
  readonly rows: readonly Row[];
  readonly #free = new Map<string, number>();

  constructor(rows: readonly Row[]) {
    this.rows = rows;
    for (const row of rows) for (const [region, count] of Object.entries(row.stock)) this.give(row, region, count);
  }

  find(name: string | undefined): Row | undefined {
    return this.rows.find((row) => row.name === name);
  }

  /** Returns the number of free units in a region, or in all regions. */
  free(row: Row, region?: string): number {
    if (region === undefined) return Object.keys(row.stock).reduce((sum, each) => sum + this.free(row, each), 0);
    return this.#free.get(`${row.name}@${region}`) ?? 0;
  }

  /** Takes `count` units in one region. Returns the region, or undefined when no region has enough. */
  take(row: Row, wanted?: string, count = 1): string | undefined {
    const regions = wanted === undefined ? Object.keys(row.stock) : [wanted];
    const region = regions.find((candidate) => this.free(row, candidate) >= count);
    if (region !== undefined) this.give(row, region, -count);
    return region;
  }

  /** Returns `count` units to the stock. */
  give(row: Row, region: string, count = 1): void {
    this.#free.set(`${row.name}@${region}`, this.free(row, region) + count);
  }
}
