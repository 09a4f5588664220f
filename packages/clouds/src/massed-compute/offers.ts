import type { components } from '@gpu-clouds/massed-compute';
import type { Offer } from '../cloud.ts';
import { normalizeGpu } from '../gpu-names.ts';
import { readableOffers } from '../readable-rows.ts';

type Product = components['schemas']['GPUInventoryV1']['gpu_inventory'][string];

/** An offer for each region that has the product. */
export function massedComputeOffers(inventory: Readonly<Record<string, Product>>): readonly Offer[] {
  return readableOffers(Object.values(inventory), (product) => {
    const { instance_type: type, regions_with_capacity_available: regions, capacity_available: available } = product;
    const gpuCount = gpuCountOf(type);
    // Products at no charge are the vendor's own.
    if (gpuCount === undefined || !(type.price_cents_per_hour > 0) || available === 0) return [];
    const { gpu, memory } = normalizeGpu(type.name, { descriptions: [type.description] });
    return regions.map(({ name: region }) => ({
      vendor: 'massed-compute' as const,
      id: `${type.name}/${region}`,
      gpu,
      gpuCount,
      gpuMemory: memory,
      vcpus: type.specs.vcpu_count,
      memory: type.specs.memory_gib,
      storage: type.specs.storage_gb,
      region,
      pricePerHour: type.price_cents_per_hour / 100,
      spot: /\[spot\]/i.test(type.description),
      available,
      native: { productName: type.name },
    }));
  });
}

/** `gpu_4x_a6000`, `4x RTX A6000 (48GB)`; undefined for an instance without GPUs. */
function gpuCountOf({ name, description }: Product['instance_type']): number | undefined {
  const count = /^gpu_(\d+)x_/i.exec(name)?.[1] ?? /^(\d+) ?x /i.exec(description)?.[1];
  return count === undefined ? undefined : Number(count);
}
