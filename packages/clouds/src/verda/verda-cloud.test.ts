import { describe, expect, it } from 'vitest';
import { hastyClock } from '../../test/hasty-clock.ts';
import { orderFrom } from '../../test/offer.ts';
import { recordedVendor } from '../../test/recorded-vendor.ts';
import { createCloud } from '../create-clouds.ts';

const token = { access_token: 'a', refresh_token: 'r', expires_in: 3_600, token_type: 'Bearer', scope: '' };

function setUp(replies: Parameters<typeof recordedVendor>[0]) {
  const vendor = recordedVendor({ 'POST /v1/oauth2/token': { json: token }, ...replies });
  const env = { VERDA_CLIENT_ID: 'id', VERDA_CLIENT_SECRET: 'secret', VERDA_BASE_URL: 'https://verda.test' };
  return { vendor, cloud: createCloud('verda', { env, fetch: vendor.fetch, clock: hastyClock }) };
}

const instance = {
  id: 'i',
  hostname: 'gpuc-a-r-0',
  description: 'gpuc-a-r-0',
  status: 'running',
  ip: '192.0.2.1',
  location: 'FIN-01',
  price_per_hour: 2.29,
  created_at: '2026-01-01T00:00:00Z',
  os_volume_id: 'os',
  volume_ids: ['extra'],
};
const images = [{ image_type: 'ubuntu-22.04-cuda-12.4-docker', is_cluster: false }];
const newId = 'b6a57e8c-d8af-4dd7-be9d-7d79f8575a90';
const create = { 'GET /v1/images': { json: images }, 'POST /v1/instances': { status: 202, text: newId } };

describe('verdaCloud', () => {
  it('orders under the name, with the key, an image with CUDA and a disk that bears the instance name too', async () => {
    const { vendor, cloud } = setUp(create);
    const order = orderFrom('verda', { instanceType: '1H100.80S.30V' });
    expect(await cloud.createInstance({ ...order, storage: 200 })).toEqual({ id: newId });
    expect(vendor.only('POST /v1/instances').body).toEqual({
      instance_type: '1H100.80S.30V',
      image: 'ubuntu-22.04-cuda-12.4-docker',
      location_code: 'FIN-01',
      is_spot: false,
      hostname: 'gpuc-a-r-0',
      description: 'gpuc-a-r-0',
      ssh_key_ids: ['key-id'],
      os_volume: { name: 'gpuc-a-r-0', size: 200 },
    });
  });

  it.each([
    ['an instance', 'createInstance'],
    ['a key', 'createSshKey'],
  ])(
    'takes %s whose ID was cut for one that may exist, so that it is searched for by its name',
    async (_, operation) => {
      const cut = newId.slice(0, 18);
      const { cloud } = setUp({
        ...create,
        'POST /v1/instances': { status: 202, text: cut },
        'POST /v1/ssh-keys': { status: 201, text: cut },
      });
      const created =
        operation === 'createInstance'
          ? cloud.createInstance(orderFrom('verda', { instanceType: '1H100.80S.30V' }))
          : cloud.keys?.create({ name: 'gpuc-a-r-0', publicKey: 'ssh-ed25519 AAAA' });
      await expect(created).rejects.toMatchObject({ kind: 'unavailable', operation, mayHaveTakenEffect: true });
    },
  );

  it('has the disk of a spot instance deleted when the vendor takes the instance back', async () => {
    const { vendor, cloud } = setUp(create);
    await cloud.createInstance(orderFrom('verda', { instanceType: '1H100.80S.30V' }, { spot: true }));
    expect(vendor.only('POST /v1/instances').body).toMatchObject({
      is_spot: true,
      os_volume: { on_spot_discontinue: 'delete_permanently' },
    });
  });

  it('deletes every volume of the instance for good', async () => {
    const { vendor, cloud } = setUp({
      'GET /v1/instances/i': { json: instance },
      'PUT /v1/instances': { status: 204 },
    });
    await cloud.deleteInstance('i');
    expect(vendor.only('PUT /v1/instances').body).toEqual({
      action: 'delete',
      id: 'i',
      volume_ids: ['extra', 'os'],
      delete_permanently: true,
    });
  });

  it('leaves the list of volumes out while it knows none, since an empty one would keep them', async () => {
    const early = { ...instance, os_volume_id: null, volume_ids: [] };
    const { vendor, cloud } = setUp({ 'GET /v1/instances/i': { json: early }, 'PUT /v1/instances': { status: 204 } });
    await cloud.deleteInstance('i');
    expect(vendor.only('PUT /v1/instances').body).toEqual({ action: 'delete', id: 'i' });
  });

  it('asks for the deletion of an instance that the vendor does not show, which may be its lag', async () => {
    const unknown = { status: 404, json: { code: 'not_found', message: 'Invalid instance id' } };
    const { vendor, cloud } = setUp({ 'GET /v1/instances/i': unknown, 'PUT /v1/instances': unknown });
    await cloud.deleteInstance('i');
    expect(vendor.only('PUT /v1/instances').body).toEqual({ action: 'delete', id: 'i' });
  });

  it.each([
    ["Can't discontinue a provisioning instance", 'conflict'],
    ['Something broke', 'unavailable'],
  ])('reads the result of each action: "%s" is a %s', async (error, kind) => {
    const results = [{ instanceId: 'i', action: 'delete', status: 'error', error, statusCode: 400 }];
    const { cloud } = setUp({
      'GET /v1/instances/i': { json: instance },
      'PUT /v1/instances': { status: 207, json: results },
    });
    await expect(cloud.deleteInstance('i')).rejects.toMatchObject({ kind, status: 400 });
  });

  it('takes a result that says it is gone already for done', async () => {
    const error = "Can't discontinue a discontinued instance";
    const { cloud } = setUp({
      'GET /v1/instances/i': { json: instance },
      'PUT /v1/instances': { status: 207, json: [{ instanceId: 'i', action: 'delete', status: 'error', error }] },
    });
    await cloud.deleteInstance('i');
  });

  it('asks for nothing when the instance is discontinued', async () => {
    const { vendor, cloud } = setUp({ 'GET /v1/instances/i': { json: { ...instance, status: 'discontinued' } } });
    await cloud.deleteInstance('i');
    expect(vendor.sent.map(({ method }) => method)).not.toContain('PUT');
    expect(await cloud.getInstance('i')).toMatchObject({ status: 'gone', vendorStatus: 'discontinued' });
  });

  it.each([
    ['no_capacity', 'failed'],
    ['error', 'failed'],
    ['validating', 'provisioning'],
    ['hibernating', 'stopped'],
    ['a word of next year', 'provisioning'],
  ])('takes the status %s for %s', async (status, expected) => {
    const { cloud } = setUp({ 'GET /v1/instances/i': { json: { ...instance, status } } });
    expect(await cloud.getInstance('i')).toMatchObject({ status: expected, vendorStatus: status });
  });

  it('knows an instance by its instance name though somebody renamed it in part', async () => {
    const { cloud } = setUp({ 'GET /v1/instances': { json: [{ ...instance, hostname: 'renamed' }] } });
    expect(await cloud.listInstances()).toMatchObject([{ name: 'gpuc-a-r-0' }]);
  });

  it('lists a volume with the instances that use it, and none that is deleted', async () => {
    const volume = { id: 'v', name: 'gpuc-a-r-0', status: 'attached', instance_id: 'i', instances: [{ id: 'i' }] };
    const deleted = { ...volume, id: 'w', status: 'deleted' };
    const { cloud } = setUp({ 'GET /v1/volumes': { json: [volume, deleted] } });
    expect(await cloud.volumes?.list()).toEqual([{ id: 'v', name: 'gpuc-a-r-0', instanceIds: ['i'] }]);
  });

  const disk = {
    status: 'attached',
    base_hourly_cost: 0.5,
    currency: 'usd',
    instances: [],
    instance_id: 'i',
    name: '',
  };
  const disks = [
    { ...disk, id: 'os' },
    { ...disk, id: 'extra', base_hourly_cost: 2 },
    { ...disk, id: 'somebody-elses' },
  ];

  it('prices an instance with the disks that are attached to it', async () => {
    const { cloud } = setUp({
      'GET /v1/instances': { json: [instance] },
      'GET /v1/instances/i': { json: instance },
      'GET /v1/volumes': { json: disks },
    });
    expect(await cloud.listInstances()).toMatchObject([{ pricePerHour: 2.29 + 2.5 }]);
    expect(await cloud.getInstance('i')).toMatchObject({ pricePerHour: 2.29 + 2.5 });
  });

  it('lists instances without a price while the prices of their disks cannot be read', async () => {
    const broken = { status: 500, json: { code: 'server_error', message: 'Internal server error' } };
    const { cloud } = setUp({ 'GET /v1/instances': { json: [instance] }, 'GET /v1/volumes': broken });
    const [listed] = await cloud.listInstances();
    expect(listed).toMatchObject({ id: 'i', status: 'running' });
    expect(listed).not.toHaveProperty('pricePerHour');
  });
});
