import type { components } from '@gpu-clouds/gpu-ai';
import type { InstanceOrder, Offer } from '../cloud.ts';
import { checkFixedStorage, invalidOrder } from '../failure-rules.ts';
import { isPartPrice, positive, roundedPrice } from '../price-per-hour.ts';
import { orderedPricePerHour } from '../rank-offers.ts';

type Pricing = components['schemas']['Pricing'];

// All of this is known from gpuai-sdk 0.3.18 on PyPI, `Pricing` and `CreateInstanceRequest.disk_gb`. GB, which this vendor counts in, are
// taken as GiB.

/** Largest disk that the vendor accepts in an order. */
const largestDisk = 1_000;

/**
 * The disk of an instance. `storage_gb` is the disk of the host, of which an instance gets `instance_disk_gb`. An order can name more only
 * where the disk is configurable, and never more than the host has.
 */
export function diskOf(row: Pricing): Pick<Offer, 'storage' | 'growth'> {
  const { instance_disk_gb, disk_configurable, disk_price_per_gb_hour: pricePerHour } = row;
  const storage = positive(instance_disk_gb);
  if (storage === undefined || disk_configurable !== true || !isPartPrice(pricePerHour)) return { storage };
  const most = Math.floor(Math.min(positive(row.storage_gb) ?? largestDisk, largestDisk));
  return { storage, growth: { storage: { max: Math.max(storage, most), pricePerHour } } };
}

/**
 * Returns the part of the order that decides the disk. A configurable disk is always named, even at its default size: the vendor then places
 * the instance only where it gets that disk, and on any host otherwise.
 * @throws {CloudError} `invalid`: the offer has no disk of that size
 */
export function diskOrder(order: InstanceOrder): { readonly disk_gb?: number; readonly max_price_per_hour: number } {
  const { offer, storage = 0 } = order;
  const growth = offer.growth?.storage;
  if (growth === undefined) {
    checkFixedStorage(order, 'createInstance');
    return { max_price_per_hour: offer.pricePerHour };
  }
  const disk = Math.ceil(Math.max(storage, offer.storage ?? 0));
  if (disk > growth.max) {
    const message = `The offer ${offer.id} of gpu-ai has a disk of at most ${growth.max} GiB, not ${disk} GiB. Choose another offer.`;
    throw invalidOrder('gpu-ai', 'createInstance', message);
  }
  const price = orderedPricePerHour(offer, disk);
  // The vendor rounds a price that includes more disk to a cent.
  const larger = disk > Number(offer.native.includedDisk);
  return { disk_gb: disk, max_price_per_hour: larger ? Math.ceil(roundedPrice(price * 100)) / 100 : price };
}
