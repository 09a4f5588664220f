import type { components } from '@gpu-clouds/verda';
import type { Instance } from '../cloud.ts';
import { priceOf, roundedPrice } from '../price-per-hour.ts';
import { rowsOf } from '../readable-rows.ts';

type VerdaVolume = Pick<
  components['schemas']['GetVolumePublicResponseDto'],
  'id' | 'base_hourly_cost' | 'currency' | 'status'
>;

/** US dollars per hour of each volume that bills, by its id. Volumes that are priced in another currency are left out. */
export function volumePrices(volumes: readonly VerdaVolume[]): ReadonlyMap<string, number> {
  const billing = rowsOf(volumes).filter(({ status, currency }) => status !== 'deleted' && currency === 'usd');
  return new Map(
    billing.flatMap(({ id, base_hourly_cost }) => {
      const price = priceOf(base_hourly_cost);
      return price === undefined ? [] : [[id, price] as const];
    }),
  );
}

/**
 * Adds the price of the volumes that are attached to the instance.
 * @param prices Undefined where they could not be read: then the whole price is unknown, since the vendor's own figure is too low.
 */
export function withDisks(instance: Instance, prices: ReadonlyMap<string, number> | undefined): Instance {
  const { pricePerHour: bare, ...unpriced } = instance;
  if (bare === undefined || prices === undefined) return unpriced;
  const disks = instance.volumeIds.reduce((sum, id) => sum + (prices.get(id) ?? 0), 0);
  return { ...instance, pricePerHour: roundedPrice(bare + disks) };
}
