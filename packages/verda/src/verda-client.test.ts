import type { RateLimiter } from '@gpu-clouds/core';
import type { MockReply } from '@gpu-clouds/core/msw';
import { type HttpHandler, HttpResponse, type HttpResponseResolver } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { operations } from './generated/operations.ts';
import {
  ApiError,
  type CreateInstance,
  createVerda,
  type Instance,
  type InstanceStatus,
  type InstanceType,
  type SshKey,
  type Volume,
} from './index.ts';
import { handlers } from './msw.ts';
import { rawClient } from './raw.ts';

const server = setupServer();
const verda = createVerda({ clientId: 'the-id', clientSecret: 'the-secret', maxRetries: 0 });
const id = 'b6a57e8c-d8af-4dd7-be9d-7d79f8575a90';
const order: CreateInstance = {
  instance_type: '1V100.6V',
  image: 'ubuntu-24.04',
  hostname: 'trainer',
  description: 'trainer',
  location_code: 'FIN-01',
};

type Answers = Partial<Record<keyof typeof operations, MockReply | HttpResponseResolver>>;
/** Handlers that may answer what the document does not know. */
const looseHandlers = handlers as (options: { readonly baseUrl?: string; readonly answers: Answers }) => HttpHandler[];
const answer = (answers: Answers) => server.use(...looseHandlers({ answers }));
const text =
  (body: string, type: string, status = 202) =>
  () =>
    new HttpResponse(body, { status, headers: type === '' ? {} : { 'Content-Type': type } });

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (ApiError.isInstance(error)) return error;
  throw new Error(`expected an ApiError, got ${String(error)}`);
}

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => {
  server.resetHandlers();
  vi.unstubAllEnvs();
});
afterAll(() => server.close());

describe('credentials', () => {
  test('createVerda reads the credentials and the base URL from the environment', async () => {
    vi.stubEnv('VERDA_CLIENT_ID', 'id-from-environment');
    vi.stubEnv('VERDA_CLIENT_SECRET', 'secret-from-environment');
    vi.stubEnv('VERDA_BASE_URL', 'http://verda.test:8080');
    let grant: unknown;
    const getAccessToken: Answers['getAccessToken'] = async ({ request }) => {
      grant = await request.json();
      return HttpResponse.json({ access_token: 'token-a', expires_in: 3600 });
    };
    server.use(...looseHandlers({ baseUrl: 'http://verda.test:8080', answers: { getAccessToken } }));
    await createVerda().getBalance();
    expect(grant).toEqual({
      grant_type: 'client_credentials',
      client_id: 'id-from-environment',
      client_secret: 'secret-from-environment',
    });
  });

  test('createVerda names a missing credential', () => {
    vi.stubEnv('VERDA_CLIENT_ID', '');
    vi.stubEnv('VERDA_CLIENT_SECRET', '');
    expect(() => createVerda()).toThrow('Set the environment variable VERDA_CLIENT_ID, or pass the option clientId.');
    expect(() => createVerda({ clientId: 'a' })).toThrow('VERDA_CLIENT_SECRET');
  });

  test('a public operation is sent without credentials', async () => {
    const seen: (string | null)[] = [];
    answer({
      listInstanceTypes: ({ request }) => {
        seen.push(request.headers.get('authorization'));
        return HttpResponse.json([]);
      },
    });
    await verda.listInstanceTypes();
    expect(seen).toEqual([null]);
  });
});

describe('a create', () => {
  const forms = [
    ['plain text', id, 'text/plain; charset=utf-8'],
    ['plain text with the media type JSON', id, 'application/json'],
    ['plain text without a media type', `${id}\n`, ''],
    ['plain text with the media type HTML', id, 'text/html'],
    ['a JSON string', `"${id}"`, 'application/json'],
    ['a JSON string with the media type text', `"${id}"`, 'text/plain'],
    ['an object with the id', `{"id":"${id}"}`, 'application/json'],
  ] as const;

  test.each(forms)('a create resolves to the id that was sent as %s', async (_, body, type) => {
    const sent = text(body, type);
    answer({
      createInstance: sent,
      createVolume: sent,
      createSshKey: sent,
      createSshKeyLegacy: sent,
      createScript: sent,
    });
    const volume = { type: 'NVMe', location_code: 'FIN-01', size: 50, name: 'disk' } as const;
    expect(await verda.createInstance({ body: order })).toBe(id);
    expect(await verda.createVolume({ body: volume })).toBe(id);
    expect(await verda.createSshKey({ body: { name: 'k', key: 'ssh-ed25519 AAAA' } })).toBe(id);
    expect(await verda.createSshKeyLegacy({ body: { name: 'k', key: 'ssh-ed25519 AAAA' } })).toBe(id);
    expect(await verda.createScript({ body: { name: 's', script: '#!/bin/sh' } })).toBe(id);
  });

  test.each(['text/plain', 'application/json'])(
    'the raw client returns the id of a create sent as %s',
    async (type) => {
      answer({ createInstance: text(id, type) });
      const { data } = await rawClient(verda).POST('/v1/instances', { body: order });
      expect(data).toBe(id);
    },
  );

  test.each(['', '{}', '<html>busy</html>'])(
    'a create with the body %j rejects with mayHaveTakenEffect',
    async (body) => {
      answer({ createInstance: text(body, 'application/json') });
      const error = await failureOf(verda.createInstance({ body: order }));
      expect(error).toMatchObject({ code: 'unreadable', status: 202, mayHaveTakenEffect: true });
    },
  );

  test('a create out of capacity (503) had no effect', async () => {
    const message = 'Not enough resources to deploy a 1 GPU instance type 1V100.6V in FIN-01';
    answer({ createInstance: { status: 503, body: { code: 'service_unavailable', message } } });
    const error = await failureOf(verda.createInstance({ body: order }));
    expect(error).toMatchObject({ status: 503, vendorCode: 'service_unavailable', mayHaveTakenEffect: false });
    expect(error.message).toContain(message);
  });

  test('a 503 other than out of capacity sets mayHaveTakenEffect', async () => {
    answer({ createInstance: { status: 503, body: { code: 'service_unavailable', message: 'Try again later' } } });
    expect(await failureOf(verda.createInstance({ body: order }))).toMatchObject({ mayHaveTakenEffect: true });
  });

  test('a create is sent once and needs no user-agent parameter', async () => {
    let calls = 0;
    answer({
      createInstance: () => {
        calls += 1;
        return HttpResponse.error();
      },
    });
    const patient = createVerda({ clientId: 'the-id', clientSecret: 'the-secret' });
    const error = await failureOf(patient.createInstance({ body: order }));
    expect(error).toMatchObject({ code: 'connection', attempts: 1, mayHaveTakenEffect: true });
    expect(calls).toBe(1);
    expectTypeOf<Parameters<typeof verda.createInstance>[0]>().not.toHaveProperty('header');
  });
});

describe('a lookup', () => {
  const key = { id, name: 'laptop', key: 'ssh-ed25519 AAAA' };

  test('getSshKey resolves to the key when an array of one is sent', async () => {
    answer({ getSshKey: { status: 200, body: [key] }, getSshKeyLegacy: { status: 200, body: [key] } });
    const found = await verda.getSshKey({ path: { sshKeyId: id } });
    expectTypeOf(found).toEqualTypeOf<SshKey>();
    expect(found).toEqual(key);
    expect(await verda.getSshKeyLegacy({ path: { sshKeyId: id } })).toEqual(key);
  });

  test('getSshKey resolves to the key when an object is sent', async () => {
    answer({ getSshKey: { status: 200, body: key } });
    expect(await verda.getSshKey({ path: { sshKeyId: id } })).toEqual(key);
  });

  test('getScript resolves to the script', async () => {
    const script = { id, name: 's', script: '#!/bin/sh' };
    answer({ getScript: { status: 200, body: [script] } });
    expect(await verda.getScript({ path: { scriptId: id } })).toEqual(script);
  });

  test('a lookup of an empty array rejects with not-found', async () => {
    answer({ getSshKey: { status: 200, body: [] } });
    expect(await failureOf(verda.getSshKey({ path: { sshKeyId: id } }))).toMatchObject({ code: 'not-found' });
  });

  test('the raw client returns the array of a lookup', async () => {
    answer({ getSshKey: { status: 200, body: [key] } });
    const { data } = await rawClient(verda).GET('/v1/ssh-keys/{sshKeyId}', { params: { path: { sshKeyId: id } } });
    expect(data).toEqual([key]);
  });
});

describe('volumes', () => {
  test('a clone resolves to the new id in either form and is never retried', async () => {
    const body = { id, action: 'clone' } as const;
    let calls = 0;
    answer({
      performVolumeAction: () => {
        calls += 1;
        return calls === 1 ? HttpResponse.json([id], { status: 202 }) : new HttpResponse(null, { status: 500 });
      },
    });
    expect(await verda.performVolumeAction({ body })).toEqual([id]);
    const error = await failureOf(verda.performVolumeAction({ body }, { maxRetries: 5 }));
    expect(error).toMatchObject({ attempts: 1, mayHaveTakenEffect: true });
  });

  test('a volume action without a body resolves to null', async () => {
    answer({ performVolumeAction: { status: 202 } });
    expect(await verda.performVolumeAction({ body: { id, action: 'detach' } })).toBeNull();
  });

  test.each([202, 204])('deleting a volume needs no body and resolves on status %i', async (status) => {
    answer({ deleteVolume: { status } });
    await expect(verda.deleteVolume({ path: { volume_id: id } })).resolves.toBeUndefined();
  });
});

test('deleteSshKeys sends a list of ids', async () => {
  let body: unknown;
  answer({
    deleteSshKeys: async ({ request }) => {
      body = await request.json();
      return new HttpResponse(null);
    },
  });
  await verda.deleteSshKeys({ body: { keys: ['a', 'b'] } });
  expect(body).toEqual({ keys: ['a', 'b'] });
});

test('deleting an instance during provisioning rejects with permission', async () => {
  const body = { code: 'forbidden_action', message: "Can't discontinue a provisioning instance" };
  answer({ performInstanceAction: { status: 403, body } });
  const error = await failureOf(verda.performInstanceAction({ body: { id, action: 'delete' } }));
  expect(error).toMatchObject({ code: 'permission', vendorCode: 'forbidden_action', mayHaveTakenEffect: false });
  expect(error.message).toContain("Can't discontinue a provisioning instance");
});

test('performInstanceAction resolves to one result for each instance', async () => {
  const results = [
    { action: 'delete', instanceId: 'a', status: 'success' },
    { action: 'delete', instanceId: 'b', status: 'error', error: 'Invalid instance id', statusCode: 404 },
  ];
  answer({ performInstanceAction: { status: 207, body: results } });
  const { data, response } = await verda
    .performInstanceAction({ body: { id: ['a', 'b'], action: 'delete' } })
    .withResponse();
  expect(response.status).toBe(207);
  expect(data).toEqual(results);
});

test('is_spot is sent as a boolean', async () => {
  let query = '';
  answer({
    listInstanceAvailability: ({ request }) => {
      query = new URL(request.url).search;
      return HttpResponse.json([]);
    },
  });
  await verda.listInstanceAvailability({ query: { is_spot: true } });
  expect(query).toBe('?is_spot=true');
});

test('listScripts reads pages up to the total in the header', async () => {
  const scripts = ['1', '2', '3'].map((number) => ({ id: number, name: number, script: '' }));
  answer({
    listScripts: ({ request }) => {
      const query = new URL(request.url).searchParams;
      const [page, size] = [Number(query.get('page')), Number(query.get('pageSize'))];
      const headers = { 'X-Page': `${page}`, 'X-Page-Size': `${size}`, 'X-Total-Count': '3' };
      return HttpResponse.json(scripts.slice((page - 1) * size, page * size), { headers });
    },
  });
  const found: string[] = [];
  for await (const script of verda.listScripts.items({ query: { pageSize: 2 } })) found.push(script.id);
  expect(found).toEqual(['1', '2', '3']);
});

test('a rate limit rejects with retryAfterMs', async () => {
  answer({
    getInstance: () =>
      HttpResponse.json(
        { code: 'rate_limit_exceeded', message: 'slow down' },
        { status: 429, headers: { 'Retry-After': '7' } },
      ),
  });
  const error = await failureOf(verda.getInstance({ path: { instance_id: id } }));
  expect(error).toMatchObject({ code: 'rate-limited', vendorCode: 'rate_limit_exceeded', retryAfterMs: 7000 });
});

test('deletes of instances, volumes, and clusters overtake waiting requests', async () => {
  server.use(...handlers());
  const urgent: string[] = [];
  const rateLimiter: RateLimiter = {
    acquire: async (request) => {
      if (request.urgent) urgent.push(`${request.method} ${request.path}`);
      return () => {};
    },
  };
  const limited = createVerda({ clientId: 'the-id', clientSecret: 'the-secret', rateLimiter });
  await limited.performInstanceAction({ body: { action: 'shutdown', id } });
  await limited.listInstances();
  expect(urgent).toEqual([]);
  await limited.performInstanceAction({ body: { action: 'delete', id } });
  await limited.performInstanceAction({ body: { action: 'discontinue', id } });
  await limited.performVolumeAction({ body: { action: 'delete', id } });
  await limited.performClusterActions({ body: { actions: [{ action: 'discontinue', id }] } });
  await limited.deleteVolume({ path: { volume_id: id }, body: {} });
  expect(urgent).toEqual([
    ...['PUT /v1/instances', 'PUT /v1/instances', 'PUT /v1/volumes', 'PUT /v1/clusters'],
    `DELETE /v1/volumes/${id}`,
  ]);
});

test('types follow the patched document', () => {
  expectTypeOf<Instance['ip']>().toEqualTypeOf<string | null>();
  expectTypeOf<Instance['price_per_hour']>().toEqualTypeOf<number | string>();
  expectTypeOf<Instance['gpu']['number_of_gpus']>().toEqualTypeOf<number>();
  expectTypeOf<InstanceType['price_per_hour']>().toEqualTypeOf<number | string>();
  expectTypeOf<Volume['instance_id']>().toEqualTypeOf<string | null>();
  expectTypeOf<NonNullable<Volume['instances']>[number]>().toHaveProperty('id');
  expectTypeOf<'a-status-of-tomorrow'>().toExtend<InstanceStatus>();
});

test('every operation has a method and a mock handler', async () => {
  server.use(...handlers());
  const unanswered: string[] = [];
  for (const [name, { path, method }] of Object.entries(operations)) {
    const params = Object.fromEntries([...path.matchAll(/\{([^{}]+)\}/g)].map(([, parameter]) => [parameter, 'x']));
    const call = Reflect.get(verda, name) as (args: object) => Promise<unknown>;
    const body = method === 'GET' ? {} : { body: {} };
    await call({ path: params, ...body }).catch(() => unanswered.push(name));
  }
  expect(unanswered).toEqual([]);
});
