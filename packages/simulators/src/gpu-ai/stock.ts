import type { GpuType } from './catalog.ts';

export type Tier = 'spot' | 'on_demand';

/** The free GPUs by type and region. */
export class Stock {
  readonly types: readonly GpuType[];
  readonly #free = new Map<string, number>();

  constructor(types: readonly GpuType[]) {
    this.types = types;
    for (const type of types) {
      for (const [region, count] of Object.entries(type.stock)) this.#free.set(`${type.name}@${region}`, count);
    }
  }

  type(name: string): GpuType | undefined {
    return this.types.find((each) => each.name === name);
  }

  free(type: GpuType, region: string): number {
    return this.#free.get(`${type.name}@${region}`) ?? 0;
  }

  /** Takes `count` GPUs in one region. Returns the region, or undefined when no region has enough. */
  take(type: GpuType, count: number, wanted: string | undefined): string | undefined {
    const regions = Object.keys(type.stock).filter((region) => wanted === undefined || region === wanted);
    const region = regions.find((candidate) => this.free(type, candidate) >= count);
    if (region !== undefined) this.#free.set(`${type.name}@${region}`, this.free(type, region) - count);
    return region;
  }

  /** Returns GPUs to the stock. */
  give(type: GpuType, count: number, region: string): void {
    this.#free.set(`${type.name}@${region}`, this.free(type, region) + count);
  }
}

/** Returns the price of one GPU in US dollars per hour; undefined when the tier is not sold. */
export function priceOf(type: GpuType, tier: Tier): number | undefined {
  return tier === 'spot' ? type.spotPrice : type.pricePerHour;
}
