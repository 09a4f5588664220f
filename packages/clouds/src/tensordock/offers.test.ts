import type { components } from '@gpu-clouds/tensordock';
import { describe, expect, it } from 'vitest';
import { tensorDockOffers } from './offers.ts';

type Hostnode = components['schemas']['Hostnode'];

function hostnode(given: {
  status?: Partial<Hostnode['status']>;
  ports?: number[];
  specs?: Partial<Hostnode['specs']>;
}): Hostnode {
  return {
    location: { id: 'l', country: 'United States', region: 'Delaware', city: 'Wilmington' },
    networking: { ports: given.ports ?? [20_001], receive: 1_000, send: 1_000 },
    specs: {
      cpu: { amount: 64, price: 0.003, type: 'AMD EPYC 7443P' },
      ram: { amount: 256, price: 0.002 },
      storage: { amount: 2_000, price: 0.000_05 },
      gpu: { 'geforcertx4090-pcie-24gb': { amount: 3, price: 0.35, vram: 24, pcie: true, rtx: true, gtx: false } },
      ...given.specs,
    },
    status: { online: true, listed: true, reserved: false, uptime: 1, report: '', ...given.status },
  };
}

describe('tensorDockOffers', () => {
  it('composes instances of one GPU, two, four, as far as there are that many', () => {
    const offers = tensorDockOffers({ node: hostnode({}) });
    expect(offers.map(({ id, gpuCount, available }) => ({ id, gpuCount, available }))).toEqual([
      { id: 'node/geforcertx4090-pcie-24gb/1', gpuCount: 1, available: 3 },
      { id: 'node/geforcertx4090-pcie-24gb/2', gpuCount: 2, available: 1 },
    ]);
    expect(offers[0]).toMatchObject({
      gpu: 'RTX 4090',
      gpuMemory: 24,
      vcpus: 8,
      memory: 32,
      storage: 100,
      region: 'United States, Delaware, Wilmington',
    });
  });

  it('adds up the prices of the parts, each rounded as the vendor does', () => {
    const [one] = tensorDockOffers({ node: hostnode({}) });
    expect(one?.pricePerHour).toBe(0.35 + 0.024 + 0.064 + 0.005);
    expect(one?.growth).toEqual({
      vcpus: { max: 64, pricePerHour: 0.003 },
      memory: { max: 256, pricePerHour: 0.002 },
      storage: { max: 2_000, pricePerHour: 0.000_05 },
    });
  });

  const part = { amount: 256, price: 0.002 };
  it.each(
    [null, -0.03, 'Infinity', '', undefined].flatMap((price) => [
      ['RAM', price, { ram: { ...part, price } }],
      ['disk', price, { storage: { ...part, price } }],
      ['vCPUs', price, { cpu: { ...part, price } }],
      ['GPU', price, { gpu: { 'l40-pcie-48gb': { amount: 1, vram: 48, price } } }],
    ]),
  )('offers nothing of a hostnode whose %s has the price %j, and all of the others', (_what, _price, specs) => {
    const good = hostnode({});
    const nodes: Parameters<typeof tensorDockOffers>[0] = JSON.parse(
      JSON.stringify({ bad: { ...good, specs: { ...good.specs, ...Object(specs) } }, good }),
    );
    expect(tensorDockOffers(nodes)).toEqual(tensorDockOffers({ good }));
  });

  it('takes what is left of a hostnode, down to a minimum', () => {
    const little = hostnode({ specs: { cpu: { amount: 3, price: 0, type: '' }, ram: { amount: 20, price: 0 } } });
    expect(tensorDockOffers({ little })).toMatchObject([{ gpuCount: 1, vcpus: 3, memory: 20 }]);
    const nothing = hostnode({ specs: { ram: { amount: 4, price: 0 } } });
    expect(tensorDockOffers({ nothing })).toEqual([]);
  });

  it("keeps to the hostnode's own limits for so many GPUs", () => {
    const limits = { cpu: { min: 10, max: 12 }, ram: { min: 4, max: 16 }, storage: { min: 20, max: 80 } };
    const offers = tensorDockOffers({ node: hostnode({ specs: { restrictions: { 1: limits } } }) });
    expect(offers.find(({ gpuCount }) => gpuCount === 1)).toMatchObject({
      vcpus: 10,
      memory: 16,
      storage: 80,
      growth: { vcpus: { max: 12 }, memory: { max: 16 }, storage: { max: 80 } },
    });
    expect(offers.find(({ gpuCount }) => gpuCount === 2)).toMatchObject({ vcpus: 16, memory: 64 });
  });

  it.each([
    ['offline', hostnode({ status: { online: false } })],
    ['not listed', hostnode({ status: { listed: false } })],
    ['reserved', hostnode({ status: { reserved: true } })],
    ['without a port for SSH', hostnode({ ports: [] })],
  ])('offers nothing of a hostnode that is %s', (_, node) => {
    expect(tensorDockOffers({ node })).toEqual([]);
  });
});
