import { describe, expect, it } from 'vitest';
import { rankOffers } from '../rank-offers.ts';
import { gpuAiOffers } from './offers.ts';

const types = [{ gpu_type: 'h100_sxm_80gb', vram_gb: 80 }];
const row = {
  gpu_type: 'h100_sxm_80gb',
  region: 'us-east',
  tier: 'on_demand',
  price_per_hour: 2.49,
  available: 3,
} as const;

describe('gpuAiOffers', () => {
  it('offers as many GPUs as there are, at as many times the price', () => {
    const offers = gpuAiOffers(types, [row]);
    expect(
      offers.map(({ id, gpuCount, pricePerHour, available }) => ({ id, gpuCount, pricePerHour, available })),
    ).toEqual([
      { id: 'h100_sxm_80gb/us-east/on_demand/1', gpuCount: 1, pricePerHour: 2.49, available: 3 },
      { id: 'h100_sxm_80gb/us-east/on_demand/2', gpuCount: 2, pricePerHour: 4.98, available: 1 },
    ]);
    expect(offers[0]).toMatchObject({ gpu: 'H100 SXM', gpuMemory: 80, spot: false, region: 'us-east' });
  });

  it('takes the price of a configuration of several GPUs as that of all of them', () => {
    const offers = gpuAiOffers(types, [{ ...row, gpu_count: 8, price_per_hour: 19.6, available: 1, tier: 'spot' }]);
    expect(offers).toMatchObject([{ gpuCount: 8, pricePerHour: 19.6, available: 1, spot: true }]);
  });

  it('takes over what later answers say of the rest of the instance', () => {
    const later = { ...row, gpu_count: 1, cpu_cores: 24, ram_gb: 180, storage_gb: 4_000, instance_disk_gb: 100 };
    expect(gpuAiOffers(types, [later])).toMatchObject([{ vcpus: 24, memory: 180, storage: 100 }]);
    expect(gpuAiOffers(types, [row])[0]).not.toHaveProperty('memory');
  });

  const host = { ...row, gpu_count: 1, storage_gb: 4_000 };
  const fixed = { ...host, instance_disk_gb: 100, disk_configurable: false, disk_price_per_gb_hour: 0 };
  const sized = { ...fixed, disk_configurable: true, disk_price_per_gb_hour: 0.0001 };

  it('promises the disk of the instance, which is not the disk of its host', () => {
    expect(rankOffers(gpuAiOffers(types, [fixed]), { minStorage: 100 })).toHaveLength(1);
    expect(rankOffers(gpuAiOffers(types, [fixed]), { minStorage: 101 })).toEqual([]);
  });

  it.each([{}, { instance_disk_gb: 0 }, { instance_disk_gb: 0, disk_configurable: true, disk_price_per_gb_hour: 0 }])(
    'promises no disk when the answer does not say how large it is: %j',
    (given) => {
      const offers = gpuAiOffers(types, [{ ...host, ...given }]);
      expect(offers).toHaveLength(1);
      expect(rankOffers(offers, { minStorage: 10 })).toEqual([]);
    },
  );

  it.each([
    ['1,000 GB, the most that the vendor accepts', {}, 1_000],
    ['the disk of the host', { storage_gb: 600 }, 600],
    ['1,000 GB when the disk of the host is unknown', { storage_gb: 0 }, 1_000],
    ['the disk that it has when its host claims to have less', { storage_gb: 50 }, 100],
  ])('lets a configurable disk grow at its price up to %s', (_what, given, max) => {
    const offers = gpuAiOffers(types, [{ ...sized, ...given }]);
    expect(offers).toMatchObject([{ storage: 100, growth: { storage: { max, pricePerHour: 0.0001 } } }]);
  });

  it.each([-0.1, Number.NaN])('takes a disk with the price %d per GB for one that cannot grow', (price) => {
    const offers = gpuAiOffers(types, [{ ...sized, disk_price_per_gb_hour: price }]);
    expect(offers).toMatchObject([{ storage: 100 }]);
    expect(offers[0]).not.toHaveProperty('growth');
  });

  it('offers the same instance with and without a configurable disk, each with an ID of its own', () => {
    const offers = gpuAiOffers(types, [fixed, { ...sized, price_per_hour: 3 }]);
    expect(offers.map(({ id, pricePerHour }) => [id, pricePerHour])).toEqual([
      ['h100_sxm_80gb/us-east/on_demand/1', 2.49],
      ['h100_sxm_80gb/us-east/on_demand/1/disk', 3],
    ]);
    expect(rankOffers(offers, { minStorage: 500 })).toMatchObject([{ storage: 500, pricePerHour: 3.04 }]);
  });

  it.each([
    ['smaller', { instance_disk_gb: 40 }, 40],
    ['unknown', { instance_disk_gb: 0 }, undefined],
    ['larger', { instance_disk_gb: 400 }, 100],
    ['smaller, but on dearer hosts', { instance_disk_gb: 40, price_per_hour: 3 }, 100],
  ])(
    'promises the smallest disk of all hosts that an order without a size can be placed on: others are %s',
    (_what, given, storage) => {
      const [cheapest] = gpuAiOffers(types, [fixed, { ...fixed, ...given }]);
      expect(cheapest?.storage).toBe(storage);
    },
  );

  it('promises the smallest disk among the hosts that cost no more, because an order without a disk can land on any of them', () => {
    const own = { ...fixed, instance_disk_gb: 4_000, price_per_hour: 2.6 };
    expect(gpuAiOffers(types, [own, sized]).map(({ storage }) => storage)).toEqual([100, 100]);
  });

  it('keeps the cheaper of two rows for the same thing', () => {
    const offers = gpuAiOffers(types, [row, { ...row, price_per_hour: 2.2, available: 1 }]);
    expect(offers.find(({ gpuCount }) => gpuCount === 1)?.pricePerHour).toBe(2.2);
  });

  it('offers nothing that is sold out', () => {
    expect(
      gpuAiOffers(types, [
        { ...row, available: 0 },
        { ...row, gpu_count: 8, available: 0 },
      ]),
    ).toEqual([]);
  });
});
