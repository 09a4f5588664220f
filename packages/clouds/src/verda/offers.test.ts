import type { components } from '@gpu-clouds/verda';
import { describe, expect, it } from 'vitest';
import { type VerdaStock, verdaOffers } from './offers.ts';

type InstanceType = components['schemas']['InstanceType'];

function instanceType(name: string, given: Partial<InstanceType> = {}): InstanceType {
  return {
    id: name,
    instance_type: name,
    best_for: [],
    description: '',
    p2p: '',
    manufacturer: 'NVIDIA',
    currency: 'usd',
    model: 'H100',
    name: 'H100 SXM5 80GB',
    display_name: 'NVIDIA H100 SXM5 80GB',
    supported_os: [],
    price_per_hour: '2.29',
    spot_price: '0.80',
    storage: { description: 'dynamic' },
    cpu: { description: '30 CPU', number_of_cores: 30 },
    gpu: { description: '1x H100 SXM5 80GB', number_of_gpus: 1 },
    gpu_memory: { description: '80GB GPU RAM', size_in_gigabytes: 80 },
    memory: { description: '120GB RAM', size_in_gigabytes: 120 },
    ...given,
  };
}

const nvme: components['schemas']['VolumeType'] = {
  type: 'NVMe',
  price: { price_per_month_per_gb: 0.2, cps_per_gb: 7.6e-8, currency: 'usd' },
  is_shared_fs: false,
  burst_bandwidth: 0,
  continuous_bandwidth: 0,
  internal_network_speed: 0,
  iops: '',
  throughput_gbps: 0,
};

const stock = (given: Partial<VerdaStock>): VerdaStock => ({
  types: [],
  volumeTypes: [nvme],
  onDemand: [],
  spot: [],
  ...given,
});
const at = (location_code: string, ...availabilities: string[]) => ({ location_code, availabilities });

describe('verdaOffers', () => {
  it('offers a type wherever it is, on demand and as spot at its own price', () => {
    const offers = verdaOffers(
      stock({
        types: [instanceType('1H100.80S.30V')],
        onDemand: [at('FIN-01', '1H100.80S.30V'), at('ICE-01')],
        spot: [at('FIN-01'), at('ICE-01', '1H100.80S.30V')],
      }),
    );
    expect(offers.map(({ id, region, spot }) => ({ id, region, spot }))).toEqual([
      { id: '1H100.80S.30V/FIN-01/on-demand', region: 'FIN-01', spot: false },
      { id: '1H100.80S.30V/ICE-01/spot', region: 'ICE-01', spot: true },
    ]);
    expect(offers[0]).toMatchObject({ gpu: 'H100 SXM', gpuCount: 1, gpuMemory: 80, vcpus: 30, memory: 120 });
  });

  it('offers a type that has no display name, as the real API has some', () => {
    const unnamed = instanceType('1H100.80S.30V', { display_name: null });
    const [offer] = verdaOffers(stock({ types: [unnamed], onDemand: [at('FIN-01', unnamed.instance_type)] }));
    expect(offer?.gpu).toBe('H100 SXM');
  });

  it('counts the disk into the price, since there is no instance without one', () => {
    const [offer] = verdaOffers(stock({ types: [instanceType('t')], onDemand: [at('FIN-01', 't')] }));
    expect(offer?.storage).toBe(50);
    expect(offer?.pricePerHour).toBe(2.303699);
    expect(offer?.growth).toEqual({ storage: { max: 10_240, pricePerHour: 0.2 / 730 } });
  });

  it.each(['Infinity', '1e999', '-1', 'NaN', ''])('offers nothing of a type at the price "%s"', (price) => {
    const types = [instanceType('t', { price_per_hour: price }), instanceType('u')];
    expect(verdaOffers(stock({ types, onDemand: [at('FIN-01', 't', 'u')] })).map(({ id }) => id)).toEqual([
      'u/FIN-01/on-demand',
    ]);
  });

  it.each([
    ['no price', []],
    ['an infinite price', [{ ...nvme, price: { ...nvme.price, price_per_month_per_gb: Number.POSITIVE_INFINITY } }]],
    ['a price in euros', [{ ...nvme, price: { ...nvme.price, currency: 'eur' as const } }]],
  ])('offers no larger disk when disks have %s', (_what, volumeTypes) => {
    const [offer] = verdaOffers(stock({ types: [instanceType('t')], volumeTypes, onDemand: [at('FIN-01', 't')] }));
    expect(offer).toMatchObject({ storage: 50, pricePerHour: 2.29 });
    expect(offer).not.toHaveProperty('growth');
  });

  it.each([
    ['the total of all GPUs', 640],
    ['that of one GPU', 80],
  ])('takes the GPU memory for %s, whichever fits the name', (_, size_in_gigabytes) => {
    const eight = instanceType('8H100.80S.176V', {
      gpu: { description: '8x H100 SXM5 80GB', number_of_gpus: 8 },
      gpu_memory: { description: '', size_in_gigabytes },
    });
    const [offer] = verdaOffers(stock({ types: [eight], onDemand: [at('FIN-01', eight.instance_type)] }));
    expect(offer).toMatchObject({ gpuCount: 8, gpuMemory: 80 });
  });

  it.each([
    ['has no GPU', { gpu: { description: '', number_of_gpus: 0 } }],
    ['is priced in euros', { currency: 'eur' as const }],
    ['has no price', { price_per_hour: '0' }],
  ])('does not offer a type that %s', (_, given) => {
    expect(verdaOffers(stock({ types: [instanceType('t', given)], onDemand: [at('FIN-01', 't')] }))).toEqual([]);
  });

  it('does not offer what is in stock but not in the list of types', () => {
    expect(verdaOffers(stock({ onDemand: [at('FIN-01', '1NEW.1V')] }))).toEqual([]);
  });
});
