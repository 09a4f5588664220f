import type { components } from '@gpu-clouds/verda';
import type { Offer } from '../cloud.ts';
import { gpuMatches, type NormalizedGpu, normalizeGpu, vendorGpu, type WantedGpu } from '../gpu-names.ts';
import { roundedPrice } from '../price-per-hour.ts';
import { readableOffers, readRows } from '../readable-rows.ts';

type ContainerType = components['schemas']['ContainerType'];
type ComputeResource = components['schemas']['GetComputeResourcesPublicApiResponseDto'];

/** Kinds of container that are free now. What has no GPU, or no price to hold a cap by, is left out. */
export function verdaJobOffers(
  resources: readonly ComputeResource[],
  types: readonly ContainerType[],
): readonly Offer[] {
  // A kind that cannot be read must not hide the resources that others price.
  const readable = readRows(types, (type) => (gpuOf(type).gpu && type.gpu.number_of_gpus > 0 ? [type] : []));
  return readableOffers(resources, ({ name, size, is_available }) => {
    const wanted = vendorGpu(name);
    if (!is_available || wanted === undefined) return [];
    const alike = readable.filter((type) => type.currency === 'usd' && matches(type, wanted));
    const pricePerHour = priceOf(alike, size);
    if (pricePerHour === undefined) return [];
    const [only, ...others] = new Map(alike.map((type) => [JSON.stringify(gpuOf(type)), gpuOf(type)])).values();
    const { gpu, memory } = only === undefined || others.length > 0 ? normalizeGpu(name) : only;
    return [
      {
        vendor: 'verda',
        id: `job/${name}/${size}`,
        gpu,
        gpuCount: size,
        gpuMemory: memory,
        pricePerHour,
        // The vendor places containers itself and does not say where.
        region: 'serverless',
        spot: false,
        native: { compute: name, size },
      },
    ];
  });
}

function matches(type: ContainerType, wanted: WantedGpu): boolean {
  const { gpu, memory } = gpuOf(type);
  return gpuMatches({ gpu, gpuMemory: memory, gpuCount: type.gpu.number_of_gpus }, wanted);
}

function gpuOf({ instance_type, name, model, gpu }: ContainerType): NormalizedGpu {
  return normalizeGpu(instance_type, { descriptions: [name, gpu.description, model] });
}

/**
 * US dollars an hour of a container with so many GPUs: the most that the list of prices can be read as. The document does not say
 * whether the price of a kind with eight GPUs is for one of them, as its example looks (8 × RTX PRO 6000 for 1.529), or for all.
 */
function priceOf(types: readonly ContainerType[], size: number): number | undefined {
  const prices = types.map(({ serverless_price, gpu }) => {
    const price = Number(serverless_price);
    if (gpu.number_of_gpus === size) return price;
    return gpu.number_of_gpus === 1 ? price * size : 0;
  });
  const most = Math.max(0, ...prices.filter((price) => price > 0));
  return most > 0 ? roundedPrice(most) : undefined;
}
