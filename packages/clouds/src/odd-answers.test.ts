import { describe, expect, it } from 'vitest';
import { hastyClock } from '../test/hasty-clock.ts';
import { type Replies, recordedVendor } from '../test/recorded-vendor.ts';
import { createCloud } from './create-clouds.ts';
import type { Vendor } from './pure.ts';

/** What a vendor answers with the rows in it, and a row as its document has it. */
interface Listing {
  readonly vendor: Vendor;
  readonly env: Readonly<Record<string, string>>;
  readonly row: Readonly<Record<string, unknown>>;
  readonly replies: (rows: readonly unknown[]) => Replies;
}

const name = 'gpuc-a-r-0';
const token = { 'POST /v1/oauth2/token': { json: { access_token: 't', token_type: 'Bearer', expires_in: 3600 } } };
const verdaEnv = { VERDA_CLIENT_ID: 'id', VERDA_CLIENT_SECRET: 's', VERDA_BASE_URL: 'https://verda.test' };
const gpuAiEnv = { GPU_AI_API_KEY: 'k', GPU_AI_BASE_URL: 'https://gpu-ai.test/api/v1' };
const massedEnv = { MASSED_COMPUTE_TOKEN: 't', MASSED_COMPUTE_BASE_URL: 'https://massed.test/api/v1' };
const dockEnv = {
  TENSORDOCK_API_KEY: 'key',
  TENSORDOCK_API_TOKEN: 'token',
  TENSORDOCK_BASE_URL: 'https://tensordock.test',
};

const instances: readonly Listing[] = [
  {
    vendor: 'verda',
    env: verdaEnv,
    row: {
      id: 'odd',
      status: 'running',
      hostname: name,
      description: name,
      ip: '192.0.2.1',
      location: 'FIN-01',
      created_at: '2026-01-01T00:00:00Z',
      price_per_hour: 2,
      volume_ids: [],
      os_volume_id: null,
    },
    replies: (rows) => ({ ...token, 'GET /v1/instances': { json: rows } }),
  },
  {
    vendor: 'gpu-ai',
    env: gpuAiEnv,
    row: {
      id: 'odd',
      status: 'running',
      name,
      region: 'us-east',
      price_per_hour: 2,
      gpu_type: 'h100',
      created_at: '2026-01-01T00:00:00Z',
      connection: { hostname: 'h', port: 22, ssh_command: 'ssh root@h' },
    },
    replies: (rows) => ({ 'GET /api/v1/instances': { json: { data: rows, has_more: false } } }),
  },
  {
    vendor: 'massed-compute',
    env: massedEnv,
    row: {
      uuid: 'odd',
      name,
      ip: '192.0.2.1',
      username: 'Ubuntu',
      status: 'Running',
      os_booted: 1,
      created: '2026-01-01',
      region: { name: 'us' },
      product: { name: 'gpu_1x_a6000', price_hr: '0.57' },
    },
    replies: (rows) => ({ 'GET /api/v1/instance': { json: { runningInstances: rows } } }),
  },
  {
    vendor: 'tensordock',
    env: dockEnv,
    row: {
      name,
      status: 'Running',
      default_user: 'user',
      hostname: '192.0.2.1',
      total_price: 0.4,
      country: 'US',
      state: 'DE',
      city: 'W',
      timestamp_creation: 'Sat, 10 Dec 2022 21:38:19 GMT',
      port_forwards: { 60098: '22' },
    },
    replies: (rows) => ({
      'POST /api/v0/client/list': {
        json: { success: true, virtualmachines: Object.fromEntries(rows.map((row, index) => [`vm${index}`, row])) },
      },
    }),
  },
];

it('lists all job deployments though one has no name', async () => {
  const rows = [{}, { name: null }, { name }];
  const { fetch } = recordedVendor({ ...token, 'GET /v1/job-deployments': { json: rows } });
  const cloud = createCloud('verda', { env: verdaEnv, fetch, clock: hastyClock });
  expect(await cloud.jobs?.list()).toEqual([name]);
});

/** Answers with status 200 that hold no list. */
const listless: readonly { readonly of: Vendor; readonly call: string; readonly answers: readonly unknown[] }[] = [
  { of: 'verda', call: 'GET /v1/instances', answers: [{}, { error: 'database failover' }, null, 'down'] },
  {
    of: 'gpu-ai',
    call: 'GET /api/v1/instances',
    answers: [{}, { error: 'database failover' }, [], null, 'down', { data: null }, { data: {} }],
  },
  {
    of: 'massed-compute',
    call: 'GET /api/v1/instance',
    answers: [{}, { error: 'database failover' }, { runningInstances: null }, { runningInstances: '' }],
  },
  {
    of: 'tensordock',
    call: 'POST /api/v0/client/list',
    answers: ['', 'x', null, undefined, 0, false].map((virtualmachines) => ({ success: true, virtualmachines })),
  },
];
const withoutList = instances.flatMap((listing) =>
  listless
    .filter(({ of }) => of === listing.vendor)
    .flatMap(({ call, answers }) => answers.map((answer) => ({ ...listing, call, answer }))),
);

it.each(withoutList)(
  'an answer of $vendor without a list, $answer, is a failure and not an account without instances',
  async (given) => {
    const { vendor, env, replies, call, answer } = given;
    const { fetch } = recordedVendor({ ...replies([]), [call]: { text: JSON.stringify(answer) } });
    await expect(createCloud(vendor, { env, fetch, clock: hastyClock }).listInstances()).rejects.toMatchObject({
      kind: 'unavailable',
      mayHaveTakenEffect: false,
    });
  },
);

it('a second page of GPU.ai without a list fails instead of cutting the list', async () => {
  const first = { json: { data: [{ id: 'a', name, status: 'running' }], next_cursor: 'c2' } };
  const { fetch } = recordedVendor({ 'GET /api/v1/instances': [first, { json: { error: 'database failover' } }] });
  const cloud = createCloud('gpu-ai', { env: gpuAiEnv, fetch, clock: hastyClock });
  await expect(cloud.listInstances()).rejects.toMatchObject({ kind: 'unavailable' });
});

/** The row once without each of its fields, and once with null in it. */
function spoilt(row: Readonly<Record<string, unknown>>) {
  return Object.keys(row).flatMap((field) => {
    const { [field]: _, ...without } = row;
    return [
      { what: `no ${field}`, spoiltRow: without },
      { what: `null as ${field}`, spoiltRow: { ...row, [field]: null } },
    ];
  });
}

describe.each(instances)('$vendor', ({ vendor, env, row, replies }) => {
  it.each(spoilt(row))('lists all its instances though one has $what', async ({ spoiltRow }) => {
    const { fetch } = recordedVendor(replies([spoiltRow, row]));
    const listed = await createCloud(vendor, { env, fetch, clock: hastyClock }).listInstances();
    expect(listed).toHaveLength(2);
    expect(listed[1]).toMatchObject({ name, status: 'running' });
    for (const { pricePerHour } of listed) expect(pricePerHour ?? 1).toBeGreaterThan(0);
  });
});

const size = {
  cpu: { amount: 32, price: 0.003 },
  ram: { amount: 128, price: 0.002 },
  storage: { amount: 900, price: 5e-5 },
};
const stocks: readonly Listing[] = [
  {
    vendor: 'gpu-ai',
    env: gpuAiEnv,
    row: { gpu_type: 'h100', region: 'us-east', tier: 'on_demand', price_per_hour: 2, available: 1, gpu_count: 1 },
    replies: (rows) => ({
      'GET /api/v1/pricing': { json: { data: rows, has_more: false } },
      'GET /api/v1/gpu-types': { json: { data: [], has_more: false } },
    }),
  },
  {
    vendor: 'massed-compute',
    env: massedEnv,
    row: {
      instance_type: {
        name: 'gpu_1x_l40',
        description: '1x L40 (48GB)',
        price_cents_per_hour: 86,
        specs: { vcpu_count: 14, memory_gib: 72, storage_gb: 625 },
      },
      regions_with_capacity_available: [{ name: 'us-central-1' }],
      capacity_available: 19,
    },
    replies: (rows) => ({
      'GET /api/v1/gpu-inventory': {
        json: { gpu_inventory: Object.fromEntries(rows.map((row, index) => [`product${index}`, row])) },
      },
    }),
  },
  {
    vendor: 'tensordock',
    env: dockEnv,
    row: {
      location: { country: 'Canada', region: 'Manitoba', city: 'Winnipeg' },
      networking: { ports: [20013] },
      specs: { ...size, gpu: { 'l40-pcie-48gb': { amount: 1, price: 1.05, vram: 48 } } },
      status: { listed: true, online: true, reserved: false },
    },
    replies: (rows) => ({
      'GET /api/v0/client/deploy/hostnodes': {
        json: { success: true, hostnodes: Object.fromEntries(rows.map((row, index) => [`node${index}`, row])) },
      },
    }),
  },
];

describe.each(stocks)('$vendor', ({ vendor, env, row, replies }) => {
  it.each(spoilt(row))('offers the rest of its stock though one row has $what', async ({ spoiltRow }) => {
    const { fetch } = recordedVendor(replies([spoiltRow, row]));
    const offers = await createCloud(vendor, { env, fetch, clock: hastyClock }).listOffers();
    expect(offers.length).toBeGreaterThanOrEqual(1);
    for (const { pricePerHour } of offers) expect(pricePerHour).toBeGreaterThan(0);
  });
});
