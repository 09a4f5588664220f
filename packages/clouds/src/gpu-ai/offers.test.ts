import { describe, expect, it } from 'vitest';
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
    const later = { ...row, gpu_count: 1, cpu_cores: 24, ram_gb: 180, storage_gb: 100 };
    expect(gpuAiOffers(types, [later])).toMatchObject([{ vcpus: 24, memory: 180, storage: 100 }]);
    expect(gpuAiOffers(types, [row])[0]).not.toHaveProperty('memory');
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
