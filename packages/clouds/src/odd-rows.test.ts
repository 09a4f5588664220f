import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hastyClock } from '../test/hasty-clock.ts';
import { type Replies, recordedVendor } from '../test/recorded-vendor.ts';
import type { Cloud } from './cloud.ts';
import { createCloud } from './create-clouds.ts';
import { baseUrlVariable, credentialVariables } from './credentials.ts';
import type { Vendor } from './pure.ts';

const name = 'gpuc-a-r-0';
const token = { 'POST /v1/oauth2/token': { json: { access_token: 't', token_type: 'Bearer', expires_in: 3600 } } };

/** One list of a vendor: how it is read, a good row, and the replies with given rows in it. */
interface List {
  readonly what: string;
  readonly vendor: Vendor;
  readonly row: Readonly<Record<string, unknown>>;
  readonly replies: (rows: readonly unknown[]) => Replies;
  readonly list: (cloud: Cloud) => Promise<readonly unknown[] | undefined>;
}

const byKey = (rows: readonly unknown[]) => Object.fromEntries(rows.map((row, index) => [`key${index}`, row]));
const page = (rows: readonly unknown[]) => ({ json: { data: rows, next_cursor: null } });

const verdaType = {
  ...{ instance_type: '1H100.80S.22V', name: 'H100', model: 'H100', display_name: 'H100', currency: 'usd' },
  ...{ price_per_hour: '2', spot_price: '1', serverless_price: '2', storage: {} },
  ...{ cpu: { number_of_cores: 22 }, gpu: { description: '1x H100 80GB', number_of_gpus: 1 } },
  ...{ gpu_memory: { size_in_gigabytes: 80 }, memory: { size_in_gigabytes: 180 } },
};
const verdaVolumeType = { type: 'NVMe', price: { currency: 'usd', price_per_month_per_gb: 0.2 } };
const verdaStock = { location_code: 'FIN-01', availabilities: ['1H100.80S.22V'] };
const verdaOffers = (parts: {
  types?: readonly unknown[];
  volumes?: readonly unknown[];
  stock?: readonly unknown[];
}) => ({
  ...token,
  'GET /v1/instance-types': { json: parts.types ?? [verdaType] },
  'GET /v1/volume-types': { json: parts.volumes ?? [verdaVolumeType] },
  'GET /v1/instance-availability': { json: parts.stock ?? [verdaStock] },
});
const verdaInstance = {
  ...{ id: 'a', status: 'running', hostname: name, description: name, ip: '192.0.2.1', location: 'FIN-01' },
  ...{ created_at: '2026-01-01T00:00:00Z', price_per_hour: 2, volume_ids: ['v'], os_volume_id: 'v' },
};
const verdaVolume = { id: 'v', name, status: 'attached', instance_id: 'a', instances: [{ id: 'a' }], currency: 'usd' };
const container = { name: 'H100', size: 1, is_available: true };

const lists: readonly List[] = [
  {
    ...{ what: 'instances', vendor: 'verda', row: verdaInstance, list: (cloud) => cloud.listInstances() },
    replies: (rows) => ({ ...token, 'GET /v1/instances': { json: rows }, 'GET /v1/volumes': { json: [] } }),
  },
  {
    ...{ what: 'prices of disks', vendor: 'verda', row: verdaVolume, list: (cloud) => cloud.listInstances() },
    replies: (rows) => ({
      ...token,
      'GET /v1/instances': { json: [verdaInstance] },
      'GET /v1/volumes': { json: rows },
    }),
  },
  {
    ...{ what: 'volumes', vendor: 'verda', row: verdaVolume, list: async (cloud) => cloud.volumes?.list() },
    replies: (rows) => ({ ...token, 'GET /v1/volumes': { json: rows } }),
  },
  {
    ...{ what: 'keys', vendor: 'verda', row: { id: 'k', name }, list: async (cloud) => cloud.keys?.list() },
    replies: (rows) => ({ ...token, 'GET /v1/ssh-keys': { json: rows } }),
  },
  {
    ...{ what: 'job deployments', vendor: 'verda', row: { name }, list: async (cloud) => cloud.jobs?.list() },
    replies: (rows) => ({ ...token, 'GET /v1/job-deployments': { json: rows } }),
  },
  {
    ...{ what: 'instance types', vendor: 'verda', row: verdaType, list: (cloud) => cloud.listOffers() },
    replies: (types) => verdaOffers({ types }),
  },
  {
    ...{ what: 'volume types', vendor: 'verda', row: verdaVolumeType, list: (cloud) => cloud.listOffers() },
    replies: (volumes) => verdaOffers({ volumes }),
  },
  {
    ...{ what: 'stock', vendor: 'verda', row: verdaStock, list: (cloud) => cloud.listOffers() },
    replies: (stock) => verdaOffers({ stock }),
  },
  {
    ...{ what: 'compute resources', vendor: 'verda', row: container, list: async (cloud) => cloud.jobs?.listOffers() },
    replies: (rows) => ({
      ...token,
      'GET /v1/serverless-compute-resources': { json: rows },
      'GET /v1/container-types': { json: [verdaType] },
    }),
  },
  {
    ...{ what: 'container types', vendor: 'verda', row: verdaType, list: async (cloud) => cloud.jobs?.listOffers() },
    replies: (rows) => ({
      ...token,
      'GET /v1/serverless-compute-resources': { json: [container] },
      'GET /v1/container-types': { json: rows },
    }),
  },
  {
    ...{ what: 'instances', vendor: 'gpu-ai', list: (cloud) => cloud.listInstances() },
    row: {
      ...{ id: 'a', status: 'running', name, region: 'us-east', price_per_hour: 2, gpu_type: 'h100' },
      connection: { hostname: 'h', port: 22, ssh_command: 'ssh root@h' },
    },
    replies: (rows) => ({ 'GET /instances': page(rows) }),
  },
  {
    ...{ what: 'keys', vendor: 'gpu-ai', row: { id: 'k', name }, list: async (cloud) => cloud.keys?.list() },
    replies: (rows) => ({ 'GET /ssh-keys': page(rows) }),
  },
  {
    ...{ what: 'prices', vendor: 'gpu-ai', list: (cloud) => cloud.listOffers() },
    row: { gpu_type: 'h100', region: 'us', tier: 'on_demand', price_per_hour: 2, available: 1, gpu_count: 1 },
    replies: (rows) => ({ 'GET /pricing': page(rows), 'GET /gpu-types': page([]) }),
  },
  {
    ...{
      what: 'GPU types',
      vendor: 'gpu-ai',
      row: { gpu_type: 'h100', vram_gb: 80 },
      list: (cloud) => cloud.listOffers(),
    },
    replies: (rows) => ({
      'GET /pricing': page([
        { gpu_type: 'h100', region: 'us', tier: 'on_demand', price_per_hour: 2, available: 1, gpu_count: 1 },
      ]),
      'GET /gpu-types': page(rows),
    }),
  },
  {
    ...{ what: 'instances', vendor: 'massed-compute', list: (cloud) => cloud.listInstances() },
    row: {
      ...{ uuid: 'a', name, ip: '192.0.2.1', username: 'Ubuntu', status: 'Running', os_booted: 1 },
      ...{ created: '2026-01-01', region: { name: 'us' }, product: { name: 'gpu_1x_a6000', price_hr: '0.57' } },
    },
    replies: (rows) => ({ 'GET /instance': { json: { runningInstances: rows } } }),
  },
  {
    ...{ what: 'keys', vendor: 'massed-compute', row: { id: 'k', name }, list: async (cloud) => cloud.keys?.list() },
    replies: (rows) => ({ 'GET /ssh-keys': { json: { sshKeys: rows } } }),
  },
  {
    ...{ what: 'inventory', vendor: 'massed-compute', list: (cloud) => cloud.listOffers() },
    row: {
      instance_type: {
        ...{ name: 'gpu_1x_l40', description: '1x L40 (48GB)', price_cents_per_hour: 86 },
        specs: { vcpu_count: 14, memory_gib: 72, storage_gb: 625 },
      },
      ...{ regions_with_capacity_available: [{ name: 'us-central-1' }], capacity_available: 19 },
    },
    replies: (rows) => ({ 'GET /gpu-inventory': { json: { gpu_inventory: byKey(rows) } } }),
  },
  {
    ...{ what: 'instances', vendor: 'tensordock', list: (cloud) => cloud.listInstances() },
    row: {
      ...{ name, status: 'Running', default_user: 'user', hostname: '192.0.2.1', total_price: 0.4, country: 'US' },
      port_forwards: { 60098: '22' },
    },
    replies: (rows) => ({ 'POST /api/v0/client/list': { json: { success: true, virtualmachines: byKey(rows) } } }),
  },
  {
    ...{ what: 'hostnodes', vendor: 'tensordock', list: (cloud) => cloud.listOffers() },
    row: {
      ...{ location: { country: 'Canada', region: 'M', city: 'W' }, networking: { ports: [20013] } },
      specs: {
        ...{ cpu: { amount: 32, price: 0.003 }, ram: { amount: 128, price: 0.002 } },
        ...{ storage: { amount: 900, price: 5e-5 }, gpu: { 'l40-pcie-48gb': { amount: 1, price: 1.05, vram: 48 } } },
      },
      status: { listed: true, online: true, reserved: false },
    },
    replies: (rows) => ({ 'GET /api/v0/client/deploy/hostnodes': { json: { success: true, hostnodes: byKey(rows) } } }),
  },
];

let accounts = 0;

/** Each call has an account of its own, so that no call waits for the rate limit of another. */
function environmentOf(vendor: Vendor): Readonly<Record<string, string>> {
  accounts += 1;
  const credentials = Object.fromEntries(credentialVariables[vendor].map((name) => [name, `key-${accounts}`]));
  return { ...credentials, [baseUrlVariable(vendor)]: 'https://a.test', VERDA_INFERENCE_KEY: 'i' };
}

async function listed({ vendor, replies, list }: List, rows: readonly unknown[]): Promise<readonly unknown[]> {
  const { fetch } = recordedVendor(replies(rows));
  return (await list(createCloud(vendor, { env: environmentOf(vendor), fetch, clock: hastyClock }))) ?? [];
}

/** A place in a row: the row itself, or one of its properties at any depth. */
function placesIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, below]) => placesIn(below, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const entries = Object.entries(Object(value)).map(([name, below]) => [
    name,
    name === key ? replaced(below, rest, by) : below,
  ]);
  return Array.isArray(value) ? entries.map(([, below]) => below) : Object.fromEntries(entries);
}

const oddValue = fc.oneof(
  fc.constant(null),
  fc.constant(undefined),
  fc.constantFrom<unknown>('', 'odd', 'NaN', -1, 0, 7, true, [], {}, [null], { odd: null }),
);

const keyOf = (item: unknown) => (typeof item === 'string' ? item : String(Object(item).id));

it.each(lists)('$vendor: no value in a row of its $what hides another row', async (list) => {
  const good = (await listed(list, [undefined, list.row])).map(keyOf);
  expect(good).not.toEqual([]);
  const place = fc.constantFrom(...placesIn(list.row));
  await fc.assert(
    fc.asyncProperty(place, oddValue, async (path, odd) => {
      const keys = (await listed(list, [replaced(list.row, path, odd), list.row])).map(keyOf);
      expect(keys).toEqual(expect.arrayContaining(good));
    }),
    { numRuns: 50 },
  );
});

it('numbers that are sent as text make offers that can be chosen', async () => {
  for (const list of lists.filter(({ what }) =>
    ['prices', 'inventory', 'hostnodes', 'instance types'].includes(what),
  )) {
    const texts = JSON.parse(JSON.stringify(list.row), (_, value) =>
      typeof value === 'number' ? String(value) : value,
    );
    expect(await listed(list, [texts])).toEqual(await listed(list, [list.row]));
  }
});
