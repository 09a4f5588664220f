import { ok } from '../answer.ts';
import { type CatalogOverrides, overridden } from '../catalog.ts';
import type { OperationIds } from '../operation-ids.ts';
import { createVendorApp, type Handlers, type VendorStyle } from '../vendor-app.ts';
import type { VendorParts } from '../vendor-parts.ts';
import type { World } from '../world.ts';
import { type GpuModel, type HostRow, hostRows } from './catalog.ts';
import { containerHandlers } from './containers.ts';
import { errorResponse, failure } from './errors.ts';
import { hostHandlers } from './host-handlers.ts';
import { Hosts } from './hosts.ts';
import { spotHandlers, virtualMachineHandlers } from './virtual-machine-handlers.ts';
import { VirtualMachines } from './virtual-machines.ts';

const startingBalance = 1000;

/** Creates the TensorDock simulator (marketplace API, version 0). */
export function createTensorDockSimulator(shared: World, overrides: CatalogOverrides): VendorParts {
  const world: World = { ...shared, random: shared.random.fork('tensordock') };
  const credentials = { key: world.random.uuid(), token: world.random.uuid() };
  const hosts = new Hosts(world, overriddenHosts(overrides));
  const virtualMachines = new VirtualMachines(world, hosts);
  const app = createVendorApp(world, tensorDockStyle(credentials), {
    ...hostHandlers(hosts),
    ...virtualMachineHandlers(virtualMachines),
    ...spotHandlers(hosts, virtualMachines),
    ...accountHandlers(world, virtualMachines, credentials),
    ...containerHandlers(world),
  });
  return {
    app,
    store: virtualMachines.store,
    credentials: () => ({ TENSORDOCK_API_KEY: credentials.key, TENSORDOCK_API_TOKEN: credentials.token }),
    open: () => hosts.open(),
  };
}

interface Credentials {
  readonly key: string;
  readonly token: string;
}

/** Returns the hosts with overridden prices and amounts of a GPU model, on every host that has it. */
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

function accountHandlers(
  world: World,
  virtualMachines: VirtualMachines,
  credentials: Credentials,
): Handlers<OperationIds['tensordock']> {
  const permissions = { permissions: 'All', timestamp_creation: '2026-01-01 00:00:00.000000' };
  return {
    testAuthorization: ({ body }) => (matches(body, credentials) ? ok({ success: true }) : failure(wrongPair)),
    listAuthorizations: () => ok({ success: true, authorizations: { simulator: permissions } }),
    retrieveBalance: () => {
      const present = virtualMachines.store.all().filter(({ phase }) => phase !== 'gone');
      const hourly_cost = present.reduce((sum, instance) => sum + instance.pricePerHour, 0);
      return ok({ success: true, balance: startingBalance - world.ledger.dollarsOf('tensordock'), hourly_cost });
    },
    deployInstantVm: () => failure('No available nodes found'),
    listInstantVms: () => ok({ success: true, preconfig_options: [], virtual_machines: {} }),
  };
}

/**
 * Operations that need no credentials. `auth/test` reports wrong credentials on a 200 instead of a 401. The document cannot
 * say so, because it has no scheme for credentials in a form.
 */
const publicOperations: readonly string[] = [
  'testAuthorization',
  'listHostnodes',
  'getHostnode',
  'listInstantVms',
] satisfies OperationIds['tensordock'][];

const wrongPair = 'Invalid API key or token';

function matches(pair: Readonly<Record<string, unknown>>, { key, token }: Credentials): boolean {
  return pair.api_key === key && pair.api_token === token;
}

function tensorDockStyle(credentials: Credentials): VendorStyle {
  return {
    vendor: 'tensordock',
    media: 'application/x-www-form-urlencoded',
    readBody: readForm,
    publicOperations,
    authenticate: ({ body, query, method }) => {
      // A POST has the credentials in its form, a GET in its query.
      const pair = method === 'GET' ? Object.fromEntries(query) : body;
      if (!matches(pair, credentials)) throw errorResponse(wrongPair, 401);
    },
    invalid: (message) => failure(message, 400),
    broken: () => failure('Internal server error', 500),
    rateLimited: () => failure('Too many requests', 429),
    notFound: () => failure('Not found', 404),
  };
}

/**
 * Reads a form: the vendor's dashboard sends multipart, other clients urlencoded. JSON is rejected. `server_id` stands for
 * `server`: skyward sends it, as do others when they modify a virtual machine.
 */
async function readForm(request: Request): Promise<Record<string, unknown>> {
  const media = request.headers.get('content-type') ?? '';
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)/.test(media)) {
    throw errorResponse('Parameters must be sent as form data', 400);
  }
  const form = await request.formData();
  // Python clients send True and False.
  const texts = [...form].filter(([, value]) => typeof value === 'string');
  const fields = Object.fromEntries(
    texts.map(([name, value]) => [name, value === 'True' || value === 'False' ? value.toLowerCase() : value]),
  );
  return fields.server_id === undefined ? fields : { server: fields.server_id, ...fields };
}
