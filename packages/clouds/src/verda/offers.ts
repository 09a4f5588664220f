import type { components } from '@gpu-clouds/verda';
import type { Offer } from '../cloud.ts';
import { normalizeGpu } from '../gpu-names.ts';
import { priceOf, roundedPrice } from '../price-per-hour.ts';
import { readableOffers, readRows, rowsOf } from '../readable-rows.ts';

type InstanceType = components['schemas']['InstanceType'];
type VolumeType = components['schemas']['VolumeType'];
type Availability = components['schemas']['InstanceAvailabilityResponseDto'];

/** GiB of a disk that the system is installed on: the vendor takes 50 GiB to 10 TiB. */
export const osDisk = { min: 50, max: 10_240 };

/** The published document's example: 100 GB at 20 a month have a `base_hourly_cost` of 0.0273972602739726. */
const hoursPerMonth = 730;

export interface VerdaStock {
  readonly types: readonly InstanceType[];
  readonly volumeTypes: readonly VolumeType[];
  readonly onDemand: readonly Availability[];
  readonly spot: readonly Availability[];
}

export function verdaOffers({ types, volumeTypes, onDemand, spot }: VerdaStock): readonly Offer[] {
  const storagePrice = storagePricePerHour(volumeTypes);
  const byName = new Map(rowsOf(types).map((type) => [type.instance_type, type]));
  const offersOf = (stock: readonly Availability[], isSpot: boolean) =>
    readRows(stock, ({ location_code, availabilities }) =>
      readableOffers(availabilities, (name) => {
        const type = byName.get(name);
        return type === undefined ? [] : offersFor(type, location_code, isSpot, storagePrice);
      }),
    );
  return [...offersOf(onDemand, false), ...offersOf(spot, true)];
}

/** One offer, or none for an instance without GPUs or without a price in dollars. */
function offersFor(
  type: InstanceType,
  region: string,
  spot: boolean,
  storagePrice: number | undefined,
): readonly Offer[] {
  const gpuCount = type.gpu.number_of_gpus;
  const price = priceOf(spot ? type.spot_price : type.price_per_hour);
  if (!(gpuCount > 0) || price === undefined || type.currency !== 'usd') return [];
  const { gpu, memory } = normalizeGpu(type.instance_type, {
    descriptions: [type.name, type.display_name ?? '', type.gpu.description, type.model],
  });
  return [
    {
      vendor: 'verda',
      id: `${type.instance_type}/${region}/${spot ? 'spot' : 'on-demand'}`,
      gpu,
      gpuCount,
      gpuMemory: memoryOfOne(type.gpu_memory.size_in_gigabytes, gpuCount, memory),
      vcpus: type.cpu.number_of_cores,
      memory: type.memory.size_in_gigabytes,
      storage: osDisk.min,
      ...(storagePrice !== undefined && { growth: { storage: { max: osDisk.max, pricePerHour: storagePrice } } }),
      region,
      // The vendor's price is without the disk, which nobody can do without.
      pricePerHour: roundedPrice(price + osDisk.min * (storagePrice ?? 0)),
      spot,
      native: { instanceType: type.instance_type },
    },
  ];
}

/** The vendor gives the total of all GPUs, and in some of its examples that of one: whichever fits what the name says. */
function memoryOfOne(given: number, gpuCount: number, named: number): number {
  const total = given / gpuCount;
  return named > 0 && Math.abs(given - named) < Math.abs(total - named) ? given : total;
}

/**
 * US dollars an hour for a GiB of the kind of disk that systems are installed on. Undefined if the vendor does not say: then a larger disk
 * cannot be offered.
 */
function storagePricePerHour(types: readonly VolumeType[]): number | undefined {
  const prices = rowsOf(types).flatMap(({ type, price }) =>
    type === 'NVMe' && price?.currency === 'usd' ? [priceOf(price.price_per_month_per_gb)] : [],
  );
  const monthly = prices.find((price) => price !== undefined);
  return monthly && monthly / hoursPerMonth;
}
