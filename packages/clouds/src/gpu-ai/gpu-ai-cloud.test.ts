import { describe, expect, it } from 'vitest';
import { hastyClock } from '../../test/hasty-clock.ts';
import { orderFrom } from '../../test/offer.ts';
import { recordedVendor } from '../../test/recorded-vendor.ts';
import { createCloud } from '../create-clouds.ts';

const operationId = '7f1c3f0e-0000-4000-8000-000000000000';
const create = 'POST /v1/instances';
const poll = `GET /v1/operations/${operationId}`;

function setUp(replies: Parameters<typeof recordedVendor>[0]) {
  const vendor = recordedVendor(replies);
  const env = { GPU_AI_API_KEY: 'key', GPU_AI_BASE_URL: 'https://gpu-ai.test/v1' };
  return { vendor, cloud: createCloud('gpu-ai', { env, fetch: vendor.fetch, clock: hastyClock }) };
}

const operation = (given: object) => ({
  operation_id: operationId,
  kind: 'instance.create',
  state: 'pending',
  created_at: '2026-01-01T00:00:00Z',
  ...given,
});
const accepted = (given: object) => ({ status: 202, json: operation(given) });
const order = orderFrom('gpu-ai', { gpuType: 'h100_sxm_80gb' }, { region: 'us-east' });

describe('gpuAiCloud', () => {
  it('createInstance at GPU.ai sends one idempotency key per owner and the price of the offer as the maximum', async () => {
    const { vendor, cloud } = setUp({ [create]: accepted({ resource_id: 'inst_1' }) });
    expect(await cloud.createInstance(order)).toEqual({ id: 'inst_1' });
    const { headers, body } = vendor.only(create);
    expect(headers.get('Idempotency-Key')).toBe('gpuc-a-r-0');
    expect(body).toEqual({
      gpu_type: 'h100_sxm_80gb',
      gpu_count: 1,
      region: 'us-east',
      tier: 'on_demand',
      max_price_per_hour: 2.5,
      name: 'gpuc-a-r-0',
      ssh_key_ids: ['key-id'],
    });
  });

  it.each([
    [3_600, 1],
    [3_601, 2],
    [720 * 3_600, 720],
  ])(
    'asks GPU.ai to end an instance that must be gone after %i s by itself after %i h',
    async (maxLifeSeconds, hours) => {
      const { vendor, cloud } = setUp({ [create]: accepted({ resource_id: 'inst_1' }) });
      await cloud.createInstance({ ...order, maxLifeSeconds });
      expect(vendor.only(create).body).toMatchObject({ auto_terminate_hours: hours });
    },
  );

  it('sets no limit at GPU.ai beyond the 720 h that the vendor accepts', async () => {
    const { vendor, cloud } = setUp({ [create]: accepted({ resource_id: 'inst_1' }) });
    await cloud.createInstance({ ...order, maxLifeSeconds: 720 * 3_600 + 1 });
    expect(vendor.only(create).body).not.toHaveProperty('auto_terminate_hours');
  });

  const growth = { storage: { max: 1_000, pricePerHour: 0.0001 } };
  const sized = { gpuType: 'h100_sxm_80gb', includedDisk: 100 };

  it.each([
    ['its default size', { storage: 100 }, undefined, { disk_gb: 100, max_price_per_hour: 2.5 }],
    ['less than its default size', { storage: 100 }, 20, { disk_gb: 100, max_price_per_hour: 2.5 }],
    ['the size that the offer was ranked with', { storage: 250, pricePerHour: 2.515 }, undefined, { disk_gb: 250 }],
    [
      'a larger size, at a price rounded up to a cent',
      { storage: 100 },
      149.5,
      { disk_gb: 150, max_price_per_hour: 2.51 },
    ],
    ['a larger size, at a price of whole cents', { storage: 100 }, 300, { disk_gb: 300, max_price_per_hour: 2.52 }],
  ])('orders a configurable disk of GPU.ai with %s', async (_what, given, storage, body) => {
    const { vendor, cloud } = setUp({ [create]: accepted({ resource_id: 'inst_1' }) });
    await cloud.createInstance({ ...orderFrom('gpu-ai', sized, { growth, ...given }), storage });
    expect(vendor.only(create).body).toMatchObject(body);
  });

  it('refuses an order for a larger disk than GPU.ai has before it sends anything', async () => {
    const { vendor, cloud } = setUp({});
    const tooLarge = { ...orderFrom('gpu-ai', sized, { growth, storage: 100 }), storage: 1_001 };
    await expect(cloud.createInstance(tooLarge)).rejects.toMatchObject({
      kind: 'invalid',
      message: 'The offer o of gpu-ai has a disk of at most 1000 GiB, not 1001 GiB. Choose another offer.',
    });
    expect(vendor.sent).toEqual([]);
  });

  it('asks until the vendor names the instance', async () => {
    const { vendor, cloud } = setUp({
      [create]: accepted({ resource_id: null }),
      [poll]: [{ json: operation({ state: 'in_progress' }) }, { json: operation({ resource_id: 'inst_2' }) }],
    });
    expect(await cloud.createInstance(order)).toEqual({ id: 'inst_2' });
    expect(vendor.sent).toHaveLength(3);
  });

  it.each([
    ['no H100 available: out of capacity', 'no-capacity'],
    ['the machine caught fire', 'unavailable'],
  ])('says what became of an operation that failed: "%s" is %s', async (detail, kind) => {
    const error = { code: 'operation_failed', detail };
    const { cloud } = setUp({ [create]: accepted({}), [poll]: { json: operation({ state: 'failed', error }) } });
    await expect(cloud.createInstance(order)).rejects.toMatchObject({ kind, mayHaveTakenEffect: false });
  });

  it('says that there may be an instance when a failed operation names one', async () => {
    const { cloud } = setUp({ [create]: accepted({ state: 'failed', resource_id: 'inst_3' }) });
    await expect(cloud.createInstance(order)).rejects.toMatchObject({ mayHaveTakenEffect: true });
  });

  it.each([
    ['cannot be asked about', { status: 500, json: {} }],
    ['is forgotten', { status: 404, json: {} }],
    ['names no instance', { json: operation({}) }],
  ])('says that there may be an instance when an accepted operation %s', async (_, reply) => {
    const { cloud } = setUp({ [create]: accepted({}), [poll]: reply });
    await expect(cloud.createInstance(order)).rejects.toMatchObject({
      kind: 'unavailable',
      mayHaveTakenEffect: true,
      operation: 'createInstance',
    });
  });

  it.each([
    ['an image', { image: 'ubuntu' }, /GPU\.ai does not support images/],
    ['a disk of any size', { storage: 500 }, /has a disk of unknown size, not 500 GiB/],
  ])('refuses an order of %s before it sends anything', async (_, given, message) => {
    const { vendor, cloud } = setUp({});
    await expect(cloud.createInstance({ ...order, ...given })).rejects.toThrow(message);
    expect(vendor.sent).toEqual([]);
  });

  it('refuses an order without a key, since all keys of the organisation would be let in', async () => {
    const { vendor, cloud } = setUp({});
    const { key: _, ...keyless } = order;
    await expect(cloud.createInstance(keyless)).rejects.toMatchObject({ kind: 'invalid' });
    expect(vendor.sent).toEqual([]);
  });

  it('asks for a second delete under a key of its own', async () => {
    const { vendor, cloud } = setUp({ 'DELETE /v1/instances/inst_1': accepted({ kind: 'instance.delete' }) });
    await cloud.deleteInstance('inst_1');
    await cloud.deleteInstance('inst_1');
    const keys = vendor.sent.map(({ headers }) => headers.get('Idempotency-Key'));
    expect(new Set(keys).size).toBe(2);
  });

  it('a list of GPU.ai ends with a failure after 1,000 pages, however little they hold', async () => {
    let pages = 0;
    const cloud = createCloud('gpu-ai', {
      env: { GPU_AI_API_KEY: 'key' },
      clock: hastyClock,
      fetch: async ({ url }) => {
        if (url.includes('/gpu-types')) return Response.json({ data: [] });
        pages += 1;
        return Response.json({ data: pages <= 2_000 ? [null] : [], next_cursor: pages <= 2_000 ? `c${pages}` : null });
      },
    });
    await expect(cloud.listOffers()).rejects.toMatchObject({ kind: 'unavailable', operation: 'listPricing' });
    expect(pages).toBe(1_001);
  });
});
