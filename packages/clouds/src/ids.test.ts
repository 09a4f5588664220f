import { describe, expect, it } from 'vitest';
import { answering } from '../test/answering.ts';
import { orderFrom } from '../test/offer.ts';
import type { Replies } from '../test/recorded-vendor.ts';
import type { Cloud, Vendor } from './cloud.ts';

const name = 'gpuc-a-r-0';
const order = (vendor: Vendor, native: Readonly<Record<string, string>>) => (cloud: Cloud) =>
  cloud.createInstance(orderFrom(vendor, native));
const createKey = async (cloud: Cloud) => cloud.keys?.create({ name, publicKey: 'ssh-ed25519 AAAA' });

/** A create, and the vendor's answer with a given value where the ID belongs. */
interface Create {
  readonly what: string;
  readonly vendor: Vendor;
  readonly create: (cloud: Cloud) => Promise<unknown>;
  readonly answer: (id: unknown) => Replies;
}

const operationId = '7f1c3f0e-0000-4000-8000-000000000000';
const operation = { operation_id: operationId, kind: 'instance.create', state: 'pending', created_at: '' };
const creates: readonly Create[] = [
  {
    what: 'an instance',
    vendor: 'verda',
    create: order('verda', { instanceType: '1H100' }),
    answer: (id) => ({
      'GET /v1/images': { json: [{ image_type: 'ubuntu-22.04-cuda-12.4-docker', is_cluster: false }] },
      'POST /v1/instances': { status: 202, json: id },
    }),
  },
  {
    what: 'a key',
    vendor: 'verda',
    create: createKey,
    answer: (id) => ({ 'POST /v1/ssh-keys': { status: 201, json: id } }),
  },
  {
    what: 'an instance',
    vendor: 'gpu-ai',
    create: order('gpu-ai', { gpuType: 'h100' }),
    answer: (id) => ({
      'POST /instances': { status: 202, json: { ...operation, resource_id: id } },
      [`GET /operations/${operationId}`]: { json: { ...operation, resource_id: id } },
    }),
  },
  {
    what: 'a key',
    vendor: 'gpu-ai',
    create: createKey,
    answer: (id) => ({ 'POST /ssh-keys': { status: 201, json: { id, name } } }),
  },
  {
    what: 'an instance',
    vendor: 'massed-compute',
    create: order('massed-compute', { productName: 'p' }),
    answer: (id) => ({
      'GET /images': { json: { images: [{ vm_image_id: 1, vm_image_name: 'Ubuntu Server 22.04 driver' }] } },
      'POST /instance/launch': { json: { response: id } },
    }),
  },
  {
    what: 'a key',
    vendor: 'massed-compute',
    create: createKey,
    answer: (id) => ({ 'POST /ssh-keys': { json: { sshKey: { id, name } } } }),
  },
  {
    what: 'an instance',
    vendor: 'tensordock',
    create: order('tensordock', { hostnode: 'node', gpuModel: 'm' }),
    answer: (id) => ({
      'GET /api/v0/client/deploy/hostnodes/node': {
        json: { success: true, hostnode: { networking: { ports: [20_001] } } },
      },
      'POST /api/v0/client/deploy/single': { json: { success: true, server: id } },
    }),
  },
];

const noIds: readonly (readonly [unknown])[] = [
  [undefined],
  [null],
  [''],
  [' '],
  ['Insufficient capacity'],
  ['x'.repeat(200)],
  [0],
  [0.5],
  [true],
  [['a']],
  [{ uuid: 'a' }],
  [{ error: 'x' }],
];

describe.each(creates)('the create of $what at $vendor', ({ vendor, create, answer }) => {
  it.each(noIds)('may have taken effect when its answer has %j for an ID', async (id) => {
    const { cloud } = answering(vendor, answer(id));
    await expect(create(cloud)).rejects.toMatchObject({ kind: 'unavailable', mayHaveTakenEffect: true });
  });

  it('resolves to the ID', async () => {
    const { cloud } = answering(vendor, answer(operationId));
    expect(await create(cloud)).toMatchObject({ id: operationId });
  });
});

const numericIds: readonly (Create & { readonly list: (cloud: Cloud) => unknown; readonly listed: Replies })[] = [
  { ...find('gpu-ai', 'an instance'), list: instances, listed: { 'GET /instances': page({ id: 7, name }) } },
  { ...find('gpu-ai', 'a key'), list: keys, listed: { 'GET /ssh-keys': page({ id: 7, name }) } },
  {
    ...find('massed-compute', 'an instance'),
    list: instances,
    listed: { 'GET /instance': { json: { runningInstances: [{ uuid: 7, name }] } } },
  },
  {
    ...find('massed-compute', 'a key'),
    list: keys,
    listed: { 'GET /ssh-keys': { json: { sshKeys: [{ id: 7, name }] } } },
  },
];

function find(vendor: Vendor, what: string): Create {
  const found = creates.find((one) => one.vendor === vendor && one.what === what);
  if (found === undefined) throw new Error(`There is no create of ${what} at ${vendor}.`);
  return found;
}
function page(row: unknown) {
  return { json: { data: [row], next_cursor: null } };
}
function instances(cloud: Cloud) {
  return cloud.listInstances();
}
function keys(cloud: Cloud) {
  return cloud.keys?.list();
}

it.each(numericIds)('$vendor: the number that identifies $what in the answer is the ID in the list', async (given) => {
  const { cloud } = answering(given.vendor, { ...given.answer(7), ...given.listed });
  expect(await given.create(cloud)).toMatchObject({ id: '7' });
  expect(await given.list(cloud)).toMatchObject([{ id: '7', name }]);
});

describe.each(['', ' '])('the ID "%s"', (id) => {
  it.each(['verda', 'gpu-ai', 'massed-compute', 'tensordock'] as const)('is never sent to %s', async (vendor) => {
    const { recorded, cloud } = answering(vendor, {});
    const refused = { kind: 'invalid', mayHaveTakenEffect: false };
    await expect(cloud.deleteInstance(id)).rejects.toMatchObject(refused);
    await expect(cloud.getInstance(id)).rejects.toMatchObject(refused);
    if (cloud.keys) await expect(cloud.keys.delete(id)).rejects.toMatchObject(refused);
    if (cloud.volumes) await expect(cloud.volumes.delete(id)).rejects.toMatchObject(refused);
    expect(recorded.sent.filter(({ path }) => !/oauth2|volumes$/.test(path))).toEqual([]);
  });

  it.each([find('gpu-ai', 'an instance'), find('verda', 'an instance')])(
    'of a key is never ordered with an instance at $vendor',
    async ({ vendor, answer }) => {
      const { recorded, cloud } = answering(vendor, answer(operationId));
      const ordered = orderFrom(vendor, { gpuType: 'h100', instanceType: '1H100' });
      const refused = cloud.createInstance({ ...ordered, key: { id, name } });
      await expect(refused).rejects.toMatchObject({ kind: 'invalid', mayHaveTakenEffect: false });
      expect(recorded.sent.filter(({ path }) => path.endsWith('instances'))).toEqual([]);
    },
  );
});
