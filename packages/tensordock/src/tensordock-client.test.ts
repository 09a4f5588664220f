import type { RateLimiter } from '@gpu-clouds/core';
import type { MockReply } from '@gpu-clouds/core/msw';
import { type HttpHandler, HttpResponse, type HttpResponseResolver } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { examples } from './generated/examples.ts';
import { operations } from './generated/operations.ts';
import { createTensorDock, type Deployment, type DeployRequest, type VirtualMachine } from './index.ts';
import { handlers } from './msw.ts';
import { rawClient } from './raw.ts';

const server = setupServer();
const options = { apiKey: 'the-api-key', apiToken: 'the-api-token', maxRetries: 0, rateLimiter: false } as const;
const tensordock = createTensorDock(options);
const credentials = { api_key: 'the-api-key', api_token: 'the-api-token' };
const uuid = 'c0a80164-5d2e-4f6b-9a53-8a1f0e6f1b22';
const order: DeployRequest = {
  name: 'trainer',
  operating_system: 'Ubuntu 22.04 LTS',
  vcpus: 8,
  ram: 32,
  storage: 100,
  gpu_count: 1,
  gpu_model: 'geforcertx4090-pcie-24gb',
  external_ports: '{20001}',
  internal_ports: '{22}',
};

type Answers = Partial<Record<keyof typeof operations, MockReply | HttpResponseResolver>>;
/** Handlers that may answer what the document does not know. */
const looseHandlers = handlers as (options: { readonly baseUrl?: string; readonly answers: Answers }) => HttpHandler[];
const answer = (answers: Answers) => server.use(...looseHandlers({ answers }));
const failing = (error?: string, status = 200) => ({ status, body: { success: false, error } });

/** Answers an operation with its example and keeps what it was asked. */
function recorded(operation: keyof typeof examples) {
  const seen: { search: string; type: string | null; form: Record<string, string> }[] = [];
  answer({
    [operation]: async ({ request }: { request: Request }) => {
      const form = Object.fromEntries(new URLSearchParams(await request.text()));
      seen.push({ search: new URL(request.url).search, type: request.headers.get('content-type'), form });
      return HttpResponse.json(examples[operation].body);
    },
  });
  return seen;
}

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => {
  server.resetHandlers();
  vi.unstubAllEnvs();
});
afterAll(() => server.close());

describe('credentials', () => {
  test('createTensorDock reads the credentials and the base URL from the environment', async () => {
    vi.stubEnv('TENSORDOCK_API_KEY', 'key-from-environment');
    vi.stubEnv('TENSORDOCK_API_TOKEN', 'token-from-environment');
    vi.stubEnv('TENSORDOCK_BASE_URL', 'http://tensordock.test');
    let form = '';
    const retrieveBalance: Answers['retrieveBalance'] = async ({ request }) => {
      form = await request.text();
      return HttpResponse.json(examples.retrieveBalance.body);
    };
    server.use(...looseHandlers({ baseUrl: 'http://tensordock.test', answers: { retrieveBalance } }));
    await createTensorDock().retrieveBalance();
    expect(form).toBe('api_key=key-from-environment&api_token=token-from-environment');
  });

  test('createTensorDock names a missing credential', () => {
    vi.stubEnv('TENSORDOCK_API_KEY', '');
    vi.stubEnv('TENSORDOCK_API_TOKEN', '');
    expect(() => createTensorDock()).toThrow('TENSORDOCK_API_KEY');
    expect(() => createTensorDock({ apiKey: 'a' })).toThrow('TENSORDOCK_API_TOKEN');
  });

  test('a POST sends the credentials in its form body and not in the URL', async () => {
    const seen = recorded('deployVirtualMachine');
    await tensordock.deployVirtualMachine({ body: order });
    expect(seen[0]).toMatchObject({ search: '', type: 'application/x-www-form-urlencoded' });
    expect(seen[0]?.form).toMatchObject({ ...credentials, name: 'trainer', vcpus: '8', external_ports: '{20001}' });
  });

  test('the GET of container replicas sends the credentials in its query', async () => {
    const seen = recorded('listContainerReplicas');
    await tensordock.listContainerReplicas({ path: { container_id: 'c' } });
    expect(seen[0]?.search).toBe('?api_key=the-api-key&api_token=the-api-token');
  });

  test('a public operation is sent without credentials', async () => {
    const seen = recorded('listHostnodes');
    await tensordock.listHostnodes({ query: { minVRAM: 24 } });
    expect(seen[0]?.search).toBe('?minVRAM=24');
  });

  test('the raw client sends the credentials in the form body', async () => {
    const seen = recorded('getVirtualMachine');
    await rawClient(tensordock).POST('/api/v0/client/get/single', { body: { server: uuid } });
    expect(seen[0]).toMatchObject({ search: '', form: { ...credentials, server: uuid } });
  });

  test('an error hides credentials that the vendor repeats', async () => {
    answer({ deployVirtualMachine: failing('bad api_token the-api-token for the-api-key and hunter22') });
    const call = tensordock.deployVirtualMachine({ body: { ...order, password: 'hunter22' } });
    const error: unknown = await call.catch((error: unknown) => error);
    expect(`${error} ${JSON.stringify(error)}`).not.toMatch(/the-api|hunter22/);
  });
});

test('booleans are sent as true and false', async () => {
  const seen = recorded('stopVirtualMachine');
  await tensordock.stopVirtualMachine({ body: { server: uuid, disassociate_resources: true } });
  expect(seen[0]?.form).toMatchObject({ server: uuid, disassociate_resources: 'true' });
});

describe('a failure with HTTP 200', () => {
  test('a failure with HTTP 200 rejects with the message of the vendor', async () => {
    answer({ deployVirtualMachine: failing('No available nodes found') });
    await expect(tensordock.deployVirtualMachine({ body: order })).rejects.toMatchObject({
      code: 'vendor-failure',
      status: 200,
      mayHaveTakenEffect: false,
      attempts: 1,
      body: { success: false, error: 'No available nodes found' },
      message:
        'tensordock deployVirtualMachine (POST /api/v0/client/deploy/single) failed, although the status is 200: ' +
        'No available nodes found.',
    });
  });

  test.each(['Request timed out', 'An unknown error occurred', 'Internal server error', undefined])(
    'a failure with HTTP 200 and the message %j sets mayHaveTakenEffect',
    async (error) => {
      answer({ deployVirtualMachine: failing(error) });
      await expect(tensordock.deployVirtualMachine({ body: order })).rejects.toMatchObject({
        code: 'vendor-failure',
        mayHaveTakenEffect: true,
      });
    },
  );

  test.each([undefined, {}, 'ok'])('a response %j rejects as unreadable with mayHaveTakenEffect', async (body) => {
    answer({ deployVirtualMachine: () => HttpResponse.json(body) });
    await expect(tensordock.deployVirtualMachine({ body: order })).rejects.toMatchObject({
      code: 'unreadable',
      mayHaveTakenEffect: true,
    });
  });

  test('validateSpotNew resolves to a failure', async () => {
    answer({ validateSpotNew: failing('Bid too low') });
    const asked = { ...order, price: 0.1, hostnode: uuid, gpu_model: 'a', gpu_count: 1 };
    const verdict = await tensordock.validateSpotNew({ body: asked });
    expect(verdict).toEqual({ success: false, error: 'Bid too low' });
  });

  test('the raw client returns a failure with HTTP 200 as data', async () => {
    answer({ retrieveBalance: failing('Invalid credentials') });
    const { data } = await rawClient(tensordock).POST('/api/v0/billing/balance');
    expect(data).toEqual({ success: false, error: 'Invalid credentials' });
  });
});

test('a failure with an error status rejects with the code of the status', async () => {
  answer({ deleteVirtualMachine: failing('Server not found', 404) });
  await expect(tensordock.deleteVirtualMachine({ body: { server: uuid } })).rejects.toMatchObject({
    code: 'not-found',
    mayHaveTakenEffect: false,
    message:
      'tensordock deleteVirtualMachine (POST /api/v0/client/delete/single) was refused with 404: Server not found.',
  });
});

describe('a failure with a 5xx status', () => {
  const retrying = createTensorDock({ ...options, maxRetries: 2 });

  test('success: false with a reason is a refusal: it had no effect and is not retried', async () => {
    answer({ deployVirtualMachine: failing('No available nodes found', 500) });
    await expect(tensordock.deployVirtualMachine({ body: order })).rejects.toMatchObject({
      code: 'server',
      status: 500,
      vendorMessage: 'No available nodes found',
      mayHaveTakenEffect: false,
    });
    answer({ listVirtualMachines: failing('Invalid credentials', 500) });
    await expect(retrying.listVirtualMachines()).rejects.toMatchObject({ attempts: 1 });
  });

  test.each([failing('Internal server error', 500), failing(undefined, 500), { status: 502, body: 'Bad Gateway' }])(
    'anything else (%j) is an outage that may have had an effect',
    async (reply) => {
      answer({ deployVirtualMachine: reply });
      await expect(tensordock.deployVirtualMachine({ body: order })).rejects.toMatchObject({
        code: 'server',
        mayHaveTakenEffect: true,
      });
    },
  );
});

test('a deployment whose response is lost sets mayHaveTakenEffect and is not retried', async () => {
  let calls = 0;
  answer({
    deployVirtualMachine: () => {
      calls += 1;
      return HttpResponse.error();
    },
  });
  await expect(tensordock.deployVirtualMachine({ body: order }, { maxRetries: 3 })).rejects.toMatchObject({
    code: 'connection',
    attempts: 1,
    mayHaveTakenEffect: true,
  });
  expect(calls).toBe(1);
});

test('the default timeout of an attempt is 60 s', async () => {
  const limits: number[] = [];
  const clock = {
    now: () => 0,
    random: () => 0,
    after: (milliseconds: number) => {
      limits.push(milliseconds);
      return () => {};
    },
  };
  recorded('listHostnodes');
  await createTensorDock({ apiKey: 'a', apiToken: 'b', clock }).listHostnodes();
  expect(limits).toEqual([60_000]);
});

test('listVirtualMachines resolves to a map by uuid', async () => {
  server.use(...handlers());
  const { virtualmachines } = await tensordock.listVirtualMachines();
  expectTypeOf(virtualmachines).toEqualTypeOf<{ [uuid: string]: VirtualMachine }>();
  expect(virtualmachines[uuid]).toMatchObject({ name: 'trainer-1', status: 'Running', port_forwards: { 20001: '22' } });
});

test('deployVirtualMachine resolves to a success with the SSH endpoint, also in its type', async () => {
  server.use(...handlers());
  const deployed = await tensordock.deployVirtualMachine({ body: order });
  expectTypeOf(deployed).toEqualTypeOf<Deployment>();
  expect(deployed).toMatchObject({ server: uuid, port_forwards: { 20001: '22' } });
  const { hostnodes } = await tensordock.listHostnodes();
  expect(Object.values(hostnodes)[0]?.networking.ports).toContain(20001);
  const { balance } = await tensordock.retrieveBalance();
  expectTypeOf(balance).toEqualTypeOf<number>();
});

test('deletes overtake waiting requests', async () => {
  server.use(...handlers());
  const urgent: string[] = [];
  const rateLimiter: RateLimiter = {
    acquire: async (request) => {
      if (request.urgent) urgent.push(request.path);
      return () => {};
    },
  };
  const limited = createTensorDock({ apiKey: 'the-key', apiToken: 'the-token', rateLimiter });
  await limited.stopVirtualMachine({ body: { server: uuid } });
  await limited.deleteVirtualMachine({ body: { server: uuid } });
  expect(urgent).toEqual(['/api/v0/client/delete/single']);
});

test('types follow the patched document', () => {
  expectTypeOf<'a-status-of-tomorrow'>().toExtend<VirtualMachine['status']>();
  expectTypeOf<VirtualMachine['total_price']>().toEqualTypeOf<number | string>();
  expectTypeOf<Parameters<typeof tensordock.deployVirtualMachine>[0]['body']>().not.toHaveProperty('api_key');
});

test('every operation has a method and a mock handler', async () => {
  server.use(...handlers());
  for (const [name, { path, method }] of Object.entries(operations)) {
    const params = Object.fromEntries([...path.matchAll(/\{([^{}]+)\}/g)].map(([, parameter]) => [parameter, 'x']));
    const call = Reflect.get(tensordock, name) as (args: object) => Promise<unknown>;
    await call({ path: params, ...(method === 'GET' ? {} : { body: {} }) });
  }
});
