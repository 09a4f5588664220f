import type { components } from '@gpu-clouds/gpu-ai';
import type { Offer } from '../cloud.ts';
import { normalizeGpu } from '../gpu-names.ts';
import { positive, roundedPrice } from '../price-per-hour.ts';
import { readableOffers, rowsOf } from '../readable-rows.ts';

type GpuType = components['schemas']['GPUType'];
type Pricing = components['schemas']['Pricing'];

/** Sizes offered where the vendor prices a single GPU. It takes 1 to 8. */
const gpuCounts = [1, 2, 4, 8];

export function gpuAiOffers(types: readonly GpuType[], pricing: readonly Pricing[]): readonly Offer[] {
  const memoryOf = new Map(rowsOf(types).map((type) => [type.gpu_type, type.vram_gb]));
  const cheapest = new Map<string, Offer>();
  for (const offer of readableOffers(pricing, (row) => offersOf(row, memoryOf.get(row.gpu_type)))) {
    const known = cheapest.get(offer.id);
    if (known === undefined || offer.pricePerHour < known.pricePerHour) cheapest.set(offer.id, offer);
  }
  return [...cheapest.values()];
}

function offersOf(row: Pricing, memoryOfOne: number | undefined): readonly Offer[] {
  const { gpu, memory } = normalizeGpu(row.gpu_type, { memory: memoryOfOne });
  // Later answers price a configuration of several GPUs, earlier ones a single GPU.
  const counts = row.gpu_count === undefined ? gpuCounts.filter((count) => count <= row.available) : [row.gpu_count];
  if (row.available < 1) return [];
  return counts.map((gpuCount) => ({
    vendor: 'gpu-ai',
    id: `${row.gpu_type}/${row.region}/${row.tier}/${gpuCount}`,
    gpu,
    gpuCount,
    gpuMemory: memory,
    ...sizeOf(row),
    region: row.region,
    // The price is sent back to the vendor as the highest price to charge.
    pricePerHour: roundedPrice(row.gpu_count === undefined ? row.price_per_hour * gpuCount : row.price_per_hour),
    spot: row.tier === 'spot',
    available: row.gpu_count === undefined ? Math.floor(row.available / gpuCount) : row.available,
    native: { gpuType: row.gpu_type },
  }));
}

/** What later answers say of the instance besides its GPUs (gpuai-typescript-sdk, docs/Pricing.md); the published document says nothing. */
function sizeOf(row: Readonly<Record<string, unknown>>): Partial<Pick<Offer, 'vcpus' | 'memory' | 'storage'>> {
  const { gpu_count, cpu_cores, ram_gb, storage_gb } = row;
  if (gpu_count === undefined) return {};
  return { vcpus: positive(cpu_cores), memory: positive(ram_gb), storage: positive(storage_gb) };
}
