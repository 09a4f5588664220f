import type { components } from '@gpu-clouds/gpu-ai';
import type { Offer } from '../cloud.ts';
import { normalizeGpu } from '../gpu-names.ts';
import { positive, roundedPrice } from '../price-per-hour.ts';
import { readableOffers, rowsOf } from '../readable-rows.ts';
import { diskOf } from './disk.ts';

type GpuType = components['schemas']['GPUType'];
type Pricing = components['schemas']['Pricing'];

/** Sizes offered where the vendor prices a single GPU. It takes 1 to 8. */
const gpuCounts = [1, 2, 4, 8];

export function gpuAiOffers(types: readonly GpuType[], pricing: readonly Pricing[]): readonly Offer[] {
  const memoryOf = new Map(rowsOf(types).map((type) => [type.gpu_type, type.vram_gb]));
  const sameSize = new Map<string, Offer[]>();
  for (const offer of readableOffers(pricing, (row) => offersOf(row, memoryOf.get(row.gpu_type)))) {
    const key = offer.id.replace(configurable, '');
    sameSize.set(key, [...(sameSize.get(key) ?? []), offer]);
  }
  return [...sameSize.values()].flatMap(cheapestOf);
}

/** End of the ID of an offer with a configurable disk. The vendor can sell the same instance with and without one. */
const configurable = /\/disk$/;

/** The cheapest offer with a configurable disk, and the cheapest with another disk. */
function cheapestOf(offers: readonly Offer[]): readonly Offer[] {
  const sorted = offers.toSorted((a, b) => a.pricePerHour - b.pricePerHour);
  const sized = sorted.find(({ growth }) => growth !== undefined);
  const fixed = sorted.find(({ growth }) => growth === undefined);
  const found = sized === undefined ? [] : [sized];
  if (fixed === undefined) return found;
  // An order that names no disk can be placed on whatever is as cheap. Only the smallest disk of those is certain.
  const asCheap = sorted.filter(({ pricePerHour }) => pricePerHour <= fixed.pricePerHour);
  return [{ ...fixed, storage: positive(Math.min(...asCheap.map(({ storage }) => storage ?? 0))) }, ...found];
}

function offersOf(row: Pricing, memoryOfOne: number | undefined): readonly Offer[] {
  const { gpu, memory } = normalizeGpu(row.gpu_type, { memory: memoryOfOne });
  // Later answers price a configuration of several GPUs, earlier ones a single GPU.
  const counts = row.gpu_count === undefined ? gpuCounts.filter((count) => count <= row.available) : [row.gpu_count];
  if (row.available < 1) return [];
  const size = sizeOf(row);
  const suffix = size.growth === undefined ? '' : '/disk';
  return counts.map((gpuCount) => ({
    vendor: 'gpu-ai',
    id: `${row.gpu_type}/${row.region}/${row.tier}/${gpuCount}${suffix}`,
    gpu,
    gpuCount,
    gpuMemory: memory,
    ...size,
    region: row.region,
    // The price is sent back to the vendor as the highest price to charge.
    pricePerHour: roundedPrice(row.gpu_count === undefined ? row.price_per_hour * gpuCount : row.price_per_hour),
    spot: row.tier === 'spot',
    available: row.gpu_count === undefined ? Math.floor(row.available / gpuCount) : row.available,
    native: { gpuType: row.gpu_type, ...(size.growth && { includedDisk: size.storage ?? 0 }) },
  }));
}

/**
 * What later answers say of the instance besides its GPUs; the published document says nothing. Source of vCPUs and memory:
 * gpuai-typescript-sdk, docs/Pricing.md.
 */
function sizeOf(row: Pricing): Partial<Pick<Offer, 'vcpus' | 'memory' | 'storage' | 'growth'>> {
  const { gpu_count, cpu_cores, ram_gb }: Readonly<Record<string, unknown>> = row;
  if (gpu_count === undefined) return {};
  return { vcpus: positive(cpu_cores), memory: positive(ram_gb), ...diskOf(row) };
}
