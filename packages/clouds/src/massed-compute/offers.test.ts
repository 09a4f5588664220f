import type { components } from '@gpu-clouds/massed-compute';
import { describe, expect, it } from 'vitest';
import { massedComputeOffers } from './offers.ts';

type Product = components['schemas']['GPUInventoryV1']['gpu_inventory'][string];

function product(name: string, description: string, given: Partial<Product> = {}, price = 86): Record<string, Product> {
  const specs = { vcpu_count: 14, memory_gib: 72, storage_gb: 625 };
  return {
    [name]: {
      instance_type: { name, description, price_cents_per_hour: price, specs },
      regions_with_capacity_available: [{ name: 'us-central-1' }, { name: 'us-east-1' }],
      capacity_available: 19,
      ...given,
    },
  };
}

describe('massedComputeOffers', () => {
  it('offers a product in each region that has it, at a price in dollars', () => {
    const offers = massedComputeOffers(product('gpu_2x_l40', '2x L40 (48GB)'));
    expect(offers.map(({ id }) => id)).toEqual(['gpu_2x_l40/us-central-1', 'gpu_2x_l40/us-east-1']);
    expect(offers[0]).toMatchObject({
      gpu: 'L40',
      gpuCount: 2,
      gpuMemory: 48,
      vcpus: 14,
      memory: 72,
      storage: 625,
      available: 19,
      region: 'us-central-1',
      pricePerHour: 0.86,
      spot: false,
      native: { productName: 'gpu_2x_l40' },
    });
  });

  it('tells spot by the description', () => {
    const offers = massedComputeOffers(product('gpu_4x_h200_nvl_discount', '4x H200 NVL (141GB) [Spot]'));
    expect(offers[0]).toMatchObject({ gpu: 'H200 NVL', gpuCount: 4, gpuMemory: 141, spot: true });
  });

  it('offers what does not say how many there are', () => {
    const { capacity_available: _, ...unsaid } = product('gpu_1x_a6000', '1x RTX A6000').gpu_1x_a6000 as Product;
    expect(massedComputeOffers({ gpu_1x_a6000: unsaid })[0]).toMatchObject({ available: undefined });
  });

  it.each([
    ['costs nothing', product('gpu_1x_a6000', '1x RTX A6000', {}, 0)],
    ['is sold out', product('gpu_1x_a6000', '1x RTX A6000', { capacity_available: 0 })],
    ['is in no region', product('gpu_1x_a6000', '1x RTX A6000', { regions_with_capacity_available: [] })],
    ['has no GPU', product('cpu_small_amd_epyc', 'CPU-only instance')],
  ])('does not offer a product that %s', (_, inventory) => {
    expect(massedComputeOffers(inventory)).toEqual([]);
  });

  it.each([{}, { name: null }, { name: 7 }])('leaves out the region %j alone', (nameless) => {
    const inventory: Record<string, Product> = JSON.parse(
      JSON.stringify(
        product('gpu_1x_l40', '1x L40', {
          regions_with_capacity_available: [Object(nameless), { name: 'us-east-1' }],
        }),
      ),
    );
    expect(massedComputeOffers(inventory).map(({ region }) => region)).toEqual(['us-east-1']);
  });

  it('does not offer a product at an infinite price', () => {
    const inventory = product('gpu_1x_a6000', '1x RTX A6000', {}, Number.POSITIVE_INFINITY);
    const text = JSON.stringify(inventory, (_key, value) => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value));
    expect(massedComputeOffers(JSON.parse(text))).toEqual([]);
  });
});
