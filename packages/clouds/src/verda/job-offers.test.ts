import type { components } from '@gpu-clouds/verda';
import { describe, expect, it } from 'vitest';
import { verdaJobOffers } from './job-offers.ts';

type ContainerType = components['schemas']['ContainerType'];

function containerType(gpus: number, price: string, given: Partial<ContainerType> = {}): ContainerType {
  return {
    id: `${gpus}`,
    model: 'H100',
    name: 'H100 SXM5 80GB',
    instance_type: `${gpus}H100.80S.30V`,
    manufacturer: '',
    serverless_price: price,
    serverless_spot_price: '0',
    currency: 'usd',
    cpu: { description: '', number_of_cores: 30 },
    gpu: { description: `${gpus}x H100 SXM5 80GB`, number_of_gpus: gpus },
    gpu_memory: { description: '', size_in_gigabytes: 80 },
    memory: { description: '', size_in_gigabytes: 120 },
    ...given,
  };
}

const free = (size: number, name = 'H100') => ({ name, size, is_available: true });

describe('verdaJobOffers', () => {
  it('offers what is free, under the words that a deployment is asked for with', () => {
    const taken = { ...free(2), is_available: false };
    expect(verdaJobOffers([free(1), taken], [containerType(1, '2.5'), containerType(2, '5')])).toEqual([
      {
        vendor: 'verda',
        id: 'job/H100/1',
        gpu: 'H100 SXM',
        gpuCount: 1,
        gpuMemory: 80,
        pricePerHour: 2.5,
        region: 'serverless',
        spot: false,
        native: { compute: 'H100', size: 1 },
      },
    ]);
  });

  it.each([
    ['the price of as many GPUs', [containerType(4, '9')], 9],
    ['that of one GPU, so often', [containerType(1, '2.5')], 10],
    // A cap is held by it: what costs less than it says is the better mistake.
    ['the most of them', [containerType(1, '2.5'), containerType(4, '9')], 10],
  ])('takes for a price %s', (_, types, pricePerHour) => {
    expect(verdaJobOffers([free(4)], types)).toMatchObject([{ gpuCount: 4, pricePerHour }]);
  });

  it.each([
    ['another currency', [containerType(1, '2.5', { currency: 'eur' })], free(1)],
    ['no price', [containerType(1, '0')], free(1)],
    ['a price that is no number', [containerType(1, 'ask us')], free(1)],
    ['a price for another number of GPUs alone', [containerType(8, '20')], free(2)],
    ['a price for another GPU', [containerType(1, '2.5')], free(1, 'L40S')],
    ['no GPU', [containerType(1, '2.5')], free(1, 'CPU')],
  ])('leaves out what no cap can be held by: %s', (_, types, resource) => {
    expect(verdaJobOffers([resource], types)).toEqual([]);
  });
});
