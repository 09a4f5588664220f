import { type CatalogOverrides, overridden } from '../catalog.ts';
import { booleanOf, numberOf, recordOf, textOf } from '../record.ts';
import { type Call, createVendorApp, type Route, type VendorStyle } from '../vendor-app.ts';
import type { VendorParts } from '../vendor-parts.ts';
import type { World } from '../world.ts';
import { type GpuModel, type HostRow, hostRows } from './catalog.ts';
import { containerRoutes } from './containers.ts';
import { failure, refusal } from './errors.ts';
import { type Host, Hosts, hostView } from './hosts.ts';
import { bidSucceeds, Machines, machineView } from './machines.ts';

const startingBalance = 1000;

/** TensorDock's marketplace, version 0. */
export function createTensorDockSimulator(shared: World, overrides: CatalogOverrides): VendorParts {
  const world: World = { ...shared, random: shared.random.fork('tensordock') };
  const credentials = { key: world.random.uuid(), token: world.random.uuid() };
  const hosts = new Hosts(world, overriddenHosts(overrides));
  const machines = new Machines(world, hosts);
  const app = createVendorApp(world, tensorDockStyle(credentials), [
    ...hostRoutes(hosts),
    ...machineRoutes(machines),
    ...spotRoutes(hosts, machines),
    ...accountRoutes(world, machines, credentials),
    ...containerRoutes(world),
    { method: 'POST', path: '/api/v0/client/deployinstant/single', handle: () => failure('No available nodes found') },
    {
      method: 'GET',
      path: '/api/v0/client/deploy/instantvms',
      public: true,
      handle: () => ({ status: 200, json: { success: true, preconfig_options: [], virtual_machines: {} } }),
    },
  ]);
  return {
    app,
    credentials: () => ({ TENSORDOCK_API_KEY: credentials.key, TENSORDOCK_API_TOKEN: credentials.token }),
    open: () => hosts.open(),
    strike: (rule) => machines.fleet.strike(rule),
    close: () => machines.fleet.close(),
  };
}

interface Credentials {
  readonly key: string;
  readonly token: string;
}

/** A GPU model's price and amount, on every host that has it. */
function overriddenHosts(overrides: CatalogOverrides): readonly HostRow[] {
  const models = hostRows.flatMap(({ gpus }) => Object.entries(gpus).map(([name, gpu]) => ({ name, gpu })));
  const changed = overridden('tensordock', models, overrides, ({ name, gpu }, { pricePerHour, available }) => ({
    name,
    gpu: { ...gpu, price: pricePerHour ?? gpu.price, amount: available ?? gpu.amount },
  }));
  const byGpu = new Map<GpuModel | undefined, GpuModel | undefined>(
    models.map(({ gpu }, index) => [gpu, changed[index]?.gpu]),
  );
  return hostRows.map((row) => ({
    ...row,
    gpus: Object.fromEntries(Object.entries(row.gpus).map(([name, gpu]) => [name, byGpu.get(gpu) ?? gpu])),
  }));
}

function hostRoutes(hosts: Hosts): Route[] {
  const path = '/api/v0/client/deploy/hostnodes';
  return [
    {
      method: 'GET',
      path,
      public: true,
      handle: ({ query }) => {
        const shown = hosts.all.filter((host) => fits(host, hosts.listedGpus(host), query));
        return {
          status: 200,
          json: {
            success: true,
            hostnodes: Object.fromEntries(shown.map((host) => [host.id, hostView(host, hosts.listedGpus(host))])),
          },
        };
      },
    },
    {
      method: 'GET',
      path: `${path}/{}`,
      public: true,
      handle: ({ params }) => {
        const host = hosts.get(Object.values(params)[0] ?? '');
        return host === undefined
          ? failure('Hostnode not found')
          : { status: 200, json: { success: true, hostnode: hostView(host, host.free.gpus) } };
      },
    },
  ];
}

function fits(host: Host, gpus: Readonly<Record<string, number>>, query: URLSearchParams): boolean {
  const asked = recordOf(Object.fromEntries(query));
  const at = (name: string, otherwise: number) => numberOf(asked, name) ?? otherwise;
  const models = Object.entries(host.row.gpus).filter(
    ([, gpu]) =>
      gpu.vram >= at('minVRAM', 0) &&
      (gpu.rtx || !booleanOf(asked, 'requiresRTX')) &&
      (gpu.gtx || !booleanOf(asked, 'requiresGTX')),
  );
  const most = Math.max(0, ...models.map(([model]) => gpus[model] ?? 0));
  const { cpu, ram, storage } = host.free;
  return (
    models.length > 0 &&
    most >= at('minGPUCount', 0) &&
    most <= at('maxGPUCount', Number.POSITIVE_INFINITY) &&
    ram >= at('minRAM', 0) &&
    ram <= at('maxRAM', Number.POSITIVE_INFINITY) &&
    cpu >= at('minvCPUs', 0) &&
    storage >= at('minStorage', 0)
  );
}

function machineRoutes(machines: Machines): Route[] {
  const path = '/api/v0/client';
  const one = ({ body }: Call) => machines.required(body);
  return [
    { method: 'POST', path: `${path}/deploy/single`, handle: (call) => machines.deploy(call) },
    {
      method: 'POST',
      path: `${path}/list`,
      handle: () => {
        const shown = machines.fleet.listed().filter(({ id }) => machines.get(id) !== undefined);
        return {
          status: 200,
          json: {
            success: true,
            virtualmachines: Object.fromEntries(shown.map((unit) => [unit.id, machineView(unit)])),
          },
        };
      },
    },
    {
      method: 'POST',
      path: `${path}/get/single`,
      handle: ({ body }) => {
        const unit = machines.get(textOf(body, 'server') ?? '');
        // One object under a plural name, and no 404.
        return unit === undefined
          ? failure('Server not found')
          : { status: 200, json: { success: true, virtualmachines: machineView(unit) } };
      },
    },
    { method: 'POST', path: `${path}/start/single`, handle: (call) => machines.start(one(call)) },
    { method: 'POST', path: `${path}/stop/single`, handle: (call) => machines.stop(one(call), call.body) },
    { method: 'POST', path: `${path}/modify/single`, handle: (call) => machines.modify(one(call), call.body) },
    { method: 'POST', path: `${path}/delete/single`, handle: (call) => machines.delete(call) },
  ];
}

function spotRoutes(hosts: Hosts, machines: Machines): Route[] {
  const path = '/api/v0/client/spot/validate';
  const verdict = (succeeds: boolean) =>
    succeeds ? { status: 200, json: { success: true } } : failure('Bid price is too low');
  return [
    {
      method: 'POST',
      path: `${path}/new`,
      handle: ({ body }) => {
        const host = hosts.get(textOf(body, 'hostnode') ?? '');
        if (host === undefined) return failure('Hostnode unavailable');
        const gpuModel = textOf(body, 'gpu_model') ?? '';
        const [gpuCount = 0, vcpus = 0, ram = 0, storage = 0] = ['gpu_count', 'vcpus', 'ram', 'storage'].map(
          (name) => numberOf(body, name) ?? 0,
        );
        return verdict(bidSucceeds(host, { gpuModel, gpuCount, vcpus, ram, storage }, numberOf(body, 'price')));
      },
    },
    {
      method: 'POST',
      path: `${path}/existing`,
      handle: ({ body }) => {
        const { host, share } = machines.required(body).detail;
        return verdict(bidSucceeds(host, share, numberOf(body, 'price')));
      },
    },
  ];
}

function accountRoutes(world: World, machines: Machines, credentials: Credentials): Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v0/auth/test',
      // Answers about wrong credentials instead of refusing them.
      public: true,
      handle: ({ body }) =>
        matches(body, credentials) ? { status: 200, json: { success: true } } : failure(wrongPair),
    },
    {
      method: 'POST',
      path: '/api/v0/auth/list',
      handle: () => ({
        status: 200,
        json: {
          success: true,
          authorizations: { simulator: { permissions: 'All', timestamp_creation: '2026-01-01 00:00:00.000000' } },
        },
      }),
    },
    {
      method: 'POST',
      path: '/api/v0/billing/balance',
      handle: () => {
        const there = machines.fleet.all().filter(({ id }) => machines.get(id) !== undefined);
        const hourly_cost = there.reduce((sum, unit) => sum + unit.pricePerHour, 0);
        return {
          status: 200,
          json: { success: true, balance: startingBalance - world.ledger.dollarsOf('tensordock'), hourly_cost },
        };
      },
    },
  ];
}

const wrongPair = 'Invalid API key or token';

function matches(pair: Readonly<Record<string, unknown>>, { key, token }: Credentials): boolean {
  return pair.api_key === key && pair.api_token === token;
}

function tensorDockStyle(credentials: Credentials): VendorStyle {
  return {
    vendor: 'tensordock',
    media: 'application/x-www-form-urlencoded',
    readBody: readForm,
    authenticate: ({ body, query, method }) => {
      // In the form of a POST; only a GET takes the pair from the query.
      const pair = method === 'GET' ? Object.fromEntries(query) : body;
      if (!matches(pair, credentials)) throw refusal(wrongPair, 401);
    },
    invalid: (message) => failure(message, 400),
    broken: () => failure('Internal server error', 500),
    rateLimited: (seconds) => ({ ...failure('Too many requests', 429), headers: { 'retry-after': String(seconds) } }),
    notFound: () => failure('Not found', 404),
  };
}

/** Forms only: the vendor's own dashboard sends multipart, other clients urlencoded. JSON is not read. */
async function readForm(request: Request): Promise<Record<string, unknown>> {
  const media = request.headers.get('content-type') ?? '';
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)/.test(media)) {
    throw refusal('Parameters must be sent as form data', 400);
  }
  const form = await request.formData();
  return Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'));
}
