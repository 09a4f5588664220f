import type { GpuType } from './catalog.ts';
import { errorResponse } from './problems.ts';

// The fields and their meaning are from gpuai-sdk 0.3.18, `Pricing` and `CreateInstanceRequest.disk_gb`. Sizes of hosts and prices are made
// up: no source shows them.

const hostDisk = 800;
const includedDisk = 100;
const largestDisk = 1_000;
const pricePerGbHour = 0.0001;

/** Instances that boot at once have a disk that is already there. */
const isConfigurable = (type: GpuType) => !type.instantBoot;

/** Returns what a price says about the disk. */
export function diskPricing(type: GpuType) {
  return {
    storage_gb: hostDisk,
    instance_disk_gb: includedDisk,
    disk_configurable: isConfigurable(type),
    disk_price_per_gb_hour: isConfigurable(type) ? pricePerGbHour : 0,
  };
}

/** Returns the size that the vendor configures, in GB. Undefined if the host decides. @throws The vendor refuses the size. */
export function configuredDisk(type: GpuType, requested: number | undefined): number | undefined {
  if (requested === undefined) return isConfigurable(type) ? includedDisk : undefined;
  if (requested > largestDisk) throw errorResponse(422, 'validation_failed', `disk_gb is at most ${largestDisk}`);
  if (isConfigurable(type) && requested <= hostDisk) return requested;
  throw errorResponse(422, 'disk_unavailable', `No ${type.name} can have a disk of ${requested} GB`);
}

/** Adds the price of the disk beyond the included size. The sum is rounded to a cent. */
export function withDisk(pricePerHour: number, disk: number = includedDisk): number {
  if (disk <= includedDisk) return pricePerHour;
  return Number((pricePerHour + (disk - includedDisk) * pricePerGbHour).toFixed(2));
}
