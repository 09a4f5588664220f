import type { GpuType } from './catalog.ts';

export type Tier = 'spot' | 'on_demand';

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

  /** The region, or undefined when nowhere are so many free. */
  take(type: GpuType, count: number, wanted: string | undefined): string | undefined {
    const regions = Object.keys(type.stock).filter((region) => wanted === undefined || region === wanted);
    const region = regions.find((candidate) => this.free(type, candidate) >= count);
    if (region !== undefined) this.#free.set(`${type.name}@${region}`, this.free(type, region) - count);
    return region;
  }

  give(type: GpuType, count: number, region: string): void {
    this.#free.set(`${type.name}@${region}`, this.free(type, region) + count);
  }
}

/** US dollars an hour for one GPU; undefined where the tier is not sold. */
export function priceOf(type: GpuType, tier: Tier): number | undefined {
  return tier === 'spot' ? type.spotPrice : type.pricePerHour;
}
