import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Offer } from './cloud.ts';
import { GpuNameError } from './parse-gpu.ts';
import { maxPriceFor, orderedPricePerHour, rankOffers } from './rank-offers.ts';

const offer = (given: Partial<Offer>): Offer => ({
  vendor: 'verda',
  id: 'a',
  gpu: 'H100 SXM',
  gpuCount: 1,
  gpuMemory: 80,
  vcpus: 30,
  memory: 120,
  storage: 50,
  region: 'FIN-01',
  pricePerHour: 2,
  spot: false,
  native: {},
  ...given,
});
const ids = (offers: readonly Offer[]) => offers.map(({ id }) => id);

describe('rankOffers', () => {
  it('leaves out offers of which the vendor says that fewer are left than are wanted, and keeps those it says nothing of', () => {
    const offers = [offer({ id: 'a', available: 1 }), offer({ id: 'b', available: 2 }), offer({ id: 'c' })];
    expect(ids(rankOffers(offers, { minAvailable: 2 }))).toEqual(['b', 'c']);
    expect(ids(rankOffers([...offers, offer({ id: 'd', available: 0 })]))).toEqual(['a', 'b', 'c']);
  });

  it('puts the cheapest first, and equal prices by vendor and id, in whatever order they came', () => {
    const expected = [
      offer({ id: 'z', pricePerHour: 1 }),
      offer({ vendor: 'gpu-ai', id: 'y' }),
      offer({ id: 'B' }),
      offer({ id: 'a' }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(expected, { minLength: 4 }), (shuffled) => {
        expect(rankOffers(shuffled)).toEqual(expected);
      }),
    );
  });

  it.each<[string, Partial<Offer>, Parameters<typeof rankOffers>[1]]>([
    ['GPU', { gpu: 'L40S' }, { gpu: ['H100', 'A100'] }],
    ['number of GPUs', { gpuCount: 2 }, { gpuCount: 1 }],
    ['number of GPUs, which is said with the name', { gpuCount: 8 }, { gpu: 'H100:1' }],
    ['GPU memory', { gpuMemory: 40 }, { minGpuMemory: 80 }],
    ['memory', { memory: 60 }, { minMemory: 64 }],
    ['vCPUs', { vcpus: 4 }, { minVcpus: 8 }],
    ['disk', { storage: 20 }, { minStorage: 40 }],
    ['region', { region: 'ICE-01' }, { regions: ['fin', 'us-east'] }],
    ['a region that only begins alike', { region: 'FINLAND' }, { regions: ['fin'] }],
    ['vendor', { vendor: 'tensordock' }, { vendors: ['verda', 'gpu-ai'] }],
    ['spot', { spot: true }, { spot: 'never' }],
    ['price', { pricePerHour: 2.01 }, { maxPricePerHour: 2 }],
    ['empty stock', { available: 0 }, {}],
  ])('leaves out an offer for its %s', (_, given, constraints) => {
    expect(ids(rankOffers([offer({ id: 'bad', ...given }), offer({ id: 'good' })], constraints))).toEqual(['good']);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, null, -1, 0, undefined])(
    'an offer with the price %s is never chosen, nor hides another',
    (pricePerHour) => {
      const bad = { ...offer({ id: 'bad' }), pricePerHour };
      const offers: Offer[] = JSON.parse(JSON.stringify([bad, offer({ id: 'good' })]));
      expect(ids(rankOffers(offers))).toEqual(['good']);
      expect(
        ids(rankOffers([offer({ id: 'bad', pricePerHour: Number(pricePerHour) }), offer({ id: 'good' })])),
      ).toEqual(['good']);
    },
  );

  it.each([
    ['a price of null', { max: 1000, pricePerHour: null }],
    ['a negative price', { max: 1000, pricePerHour: -0.03 }],
    ['a maximum of null', { max: null, pricePerHour: 0.001 }],
  ])('an offer does not grow where its growth has %s, and is as good as before without growth', (_what, storage) => {
    const text = JSON.stringify([{ ...offer({ id: 'bad', pricePerHour: 1 }), growth: { storage } }]);
    const bad: Offer[] = JSON.parse(text);
    const offers = [...bad, offer({ id: 'good', storage: 500 })];
    expect(ids(rankOffers(offers, { minStorage: 250 }))).toEqual(['good']);
    expect(ids(rankOffers(offers, { minStorage: 50 }))).toEqual(['bad', 'good']);
  });

  it('an offer without a region meets no region, and does not hide the others', () => {
    const text = JSON.stringify([{ ...offer({ id: 'nowhere', pricePerHour: 1 }), region: undefined }, offer({})]);
    const offers: Offer[] = JSON.parse(text);
    expect(ids(rankOffers(offers, { regions: ['fin'] }))).toEqual(['a']);
    expect(ids(rankOffers(offers))).toEqual(['nowhere', 'a']);
  });

  it('takes the number of GPUs that each name carries, and gpuCount for a name without one', () => {
    const offers = [1, 4, 8].flatMap((gpuCount) =>
      ['H100 SXM', 'A100 PCIe'].map((gpu) => offer({ id: `${gpuCount} ${gpu}`, gpu, gpuCount })),
    );
    const ranked = (constraints: Parameters<typeof rankOffers>[1]) => ids(rankOffers(offers, constraints));
    expect(ranked({ gpu: ['H100:8', 'A100'], gpuCount: 1 })).toEqual(['1 A100 PCIe', '8 H100 SXM']);
    expect(ranked({ gpu: ['H100:8', 'A100:4'] })).toEqual(['4 A100 PCIe', '8 H100 SXM']);
    expect(ranked({ gpu: ['H100: 8', 'H100:1'] })).toEqual(['1 H100 SXM', '8 H100 SXM']);
    expect(ranked({ gpu: ['H100:8', 'A100'] })).toEqual(['1 A100 PCIe', '4 A100 PCIe', '8 A100 PCIe', '8 H100 SXM']);
  });

  it.each(['H100,H200', 'A100 or H100', 'H10O', 'H100 foo', 'H100:0'])('refuses to guess what %s means', (gpu) => {
    expect(() => rankOffers([offer({})], { gpu })).toThrow(GpuNameError);
  });

  it('leaves out an offer that does not say what is asked about', () => {
    const { memory: _, ...silent } = offer({});
    expect(rankOffers([silent], { minMemory: 1 })).toEqual([]);
    expect(rankOffers([silent])).toEqual([silent]);
  });

  it('keeps spot instances unless told otherwise, and only them when told so', () => {
    const offers = [offer({ id: 'spot', spot: true, pricePerHour: 1 }), offer({ id: 'firm' })];
    expect(ids(rankOffers(offers))).toEqual(['spot', 'firm']);
    expect(ids(rankOffers(offers, { spot: 'only' }))).toEqual(['spot']);
  });

  it('counts the price of a larger disk before it compares', () => {
    const grows = offer({ id: 'grows', pricePerHour: 1.9, growth: { storage: { max: 1000, pricePerHour: 0.001 } } });
    const comesWith = offer({ id: 'comes with', storage: 500 });
    const [first, second] = rankOffers([grows, comesWith], { minStorage: 250, maxPricePerHour: 2.1 });
    expect(first?.id).toBe('comes with');
    expect(second).toMatchObject({ id: 'grows', storage: 250 });
    expect(second?.pricePerHour).toBeCloseTo(2.1);
    expect(ids(rankOffers([grows], { minStorage: 1001 }))).toEqual([]);
  });

  it('adds up what vCPUs, memory and disk cost beyond the offer, once', () => {
    const parts = offer({
      vcpus: 8,
      memory: 32,
      storage: 100,
      pricePerHour: 1,
      growth: {
        vcpus: { max: 16, pricePerHour: 0.01 },
        memory: { max: 64, pricePerHour: 0.002 },
        storage: { max: 200, pricePerHour: 0.0001 },
      },
    });
    const wanted = { minVcpus: 10, minMemory: 47.5, minStorage: 150 };
    const once = rankOffers([parts], wanted);
    expect(once).toMatchObject([{ vcpus: 10, memory: 48, storage: 150 }]);
    expect(once[0]?.pricePerHour).toBeCloseTo(1 + 0.02 + 0.032 + 0.005);
    expect(rankOffers(once, wanted)).toEqual(once);
    expect(rankOffers([parts], { minVcpus: 17 })).toEqual([]);
    expect(rankOffers([parts], { minMemory: 8 })).toEqual([parts]);
  });
});

describe('orderedPricePerHour', () => {
  const growing = offer({ storage: 50, growth: { storage: { max: 1000, pricePerHour: 0.01 } } });

  it('counts the disk that is ordered beyond the one that comes with the offer', () => {
    expect(orderedPricePerHour(growing, 150)).toBeCloseTo(3);
  });

  it('is the price of the offer for no more disk than it comes with', () => {
    expect([orderedPricePerHour(growing), orderedPricePerHour(growing, 20)]).toEqual([2, 2]);
    expect(orderedPricePerHour(offer({}), 150)).toBe(2);
  });
});

describe('alternatives of rankOffers', () => {
  const dearSpot = offer({ id: 'dear-spot', gpu: 'H100 SXM', pricePerHour: 5, spot: true });
  const cheapPair = offer({ id: 'cheap-pair', gpu: 'A100 PCIe', gpuCount: 2, pricePerHour: 2 });
  const dearPair = offer({ id: 'dear-pair', gpu: 'A100 PCIe', gpuCount: 2, pricePerHour: 4, vendor: 'gpu-ai' });
  const all = [dearPair, cheapPair, dearSpot];
  const anyOf = [
    { gpu: 'H100', spot: 'only' },
    { gpu: 'A100', gpuCount: 2, maxPricePerHour: 3 },
  ] as const;

  it('offers of an earlier alternative come first, whatever they cost', () => {
    expect(ids(rankOffers(all, { anyOf, gpuCount: 1 }))).toEqual(['dear-spot', 'cheap-pair']);
  });

  it('with prefer: price, the cheapest offer of any alternative comes first', () => {
    expect(ids(rankOffers(all, { anyOf, gpuCount: 1, prefer: 'price' }))).toEqual(['cheap-pair', 'dear-spot']);
  });

  it('an offer that meets two alternatives is listed once, at its first place', () => {
    const both = [{ gpu: 'A100', gpuCount: 2, vendors: ['gpu-ai'] }, { gpuCount: 2 }] as const;
    expect(ids(rankOffers(all, { anyOf: both }))).toEqual(['dear-pair', 'cheap-pair']);
  });

  it('what an alternative omits is taken from the constraints beside it', () => {
    expect(ids(rankOffers(all, { anyOf: [{ gpuCount: 2 }], notVendors: ['gpu-ai'] }))).toEqual(['cheap-pair']);
  });

  it('the price limit of an offer is that of the alternative that it meets', () => {
    expect(maxPriceFor(cheapPair, { anyOf })).toBe(3);
    expect(maxPriceFor(dearSpot, { anyOf })).toBeUndefined();
    expect(maxPriceFor(dearSpot, { maxPricePerHour: 7 })).toBe(7);
  });

  it('an offer that meets two alternatives may cost as much as either allows', () => {
    const twoLimits = [
      { gpu: 'A100', maxPricePerHour: 3 },
      { gpuCount: 2, maxPricePerHour: 5 },
    ];
    expect(maxPriceFor(cheapPair, { anyOf: twoLimits })).toBe(5);
  });

  it('the price limit of an offer that meets no alternative is the common one', () => {
    expect(maxPriceFor(dearPair, { anyOf: [{ maxPricePerHour: 3 }], maxPricePerHour: 7 })).toBe(7);
  });

  it('what an alternative has as undefined is taken from the constraints beside it', () => {
    expect(ids(rankOffers(all, { anyOf: [{ gpu: undefined }], gpu: 'H100' }))).toEqual(['dear-spot']);
  });

  it('an offer may grow to its maximum and no further', () => {
    const growing = offer({ memory: 32, growth: { memory: { max: 64, pricePerHour: 0.01 } } });
    expect(rankOffers([growing], { minMemory: 64 })).toMatchObject([{ memory: 64 }]);
    expect(rankOffers([growing], { minMemory: 64.5 })).toEqual([]);
  });
});
