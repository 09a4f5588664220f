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
  test('come from the environment, and so does the base URL', async () => {
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

  test('that are missing are named when the client is made', () => {
    vi.stubEnv('VERDA_CLIENT_ID', '');
    vi.stubEnv('VERDA_CLIENT_SECRET', '');
    expect(() => createVerda()).toThrow('Set the environment variable VERDA_CLIENT_ID, or pass the option clientId.');
    expect(() => createVerda({ clientId: 'a' })).toThrow('VERDA_CLIENT_SECRET');
  });

  test('are not sent where anybody may ask', async () => {
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
    ['bare text', id, 'text/plain; charset=utf-8'],
    ['bare text that is called JSON', id, 'application/json'],
    ['bare text without a content type', `${id}\n`, ''],
    ['bare text that is called HTML', id, 'text/html'],
    ['a JSON string', `"${id}"`, 'application/json'],
    ['a JSON string that is called text', `"${id}"`, 'text/plain'],
    ['an object with the id', `{"id":"${id}"}`, 'application/json'],
  ] as const;

  test.each(forms)('answers the id that was sent as %s', async (_, body, type) => {
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

  test.each(['text/plain', 'application/json'])('gives raw the id too, as %s', async (type) => {
    answer({ createInstance: text(id, type) });
    const { data } = await rawClient(verda).POST('/v1/instances', { body: order });
    expect(data).toBe(id);
  });

  test.each(['', '{}', '<html>busy</html>'])('that answers %j may have made a machine', async (body) => {
    answer({ createInstance: text(body, 'application/json') });
    const error = await failureOf(verda.createInstance({ body: order }));
    expect(error).toMatchObject({ code: 'unreadable', status: 202, mayHaveTakenEffect: true });
  });

  test('that is refused for want of capacity made nothing, although the status is 503', async () => {
    const message = 'Not enough resources to deploy a 1 GPU instance type 1V100.6V in FIN-01';
    answer({ createInstance: { status: 503, body: { code: 'service_unavailable', message } } });
    const error = await failureOf(verda.createInstance({ body: order }));
    expect(error).toMatchObject({ status: 503, vendorCode: 'service_unavailable', mayHaveTakenEffect: false });
    expect(error.message).toContain(message);
  });

  test('that fails with any other 503 may have made a machine', async () => {
    answer({ createInstance: { status: 503, body: { code: 'service_unavailable', message: 'Try again later' } } });
    expect(await failureOf(verda.createInstance({ body: order }))).toMatchObject({ mayHaveTakenEffect: true });
  });

  test('is sent once and asks for no user-agent', async () => {
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

  test('of a key gives that one key, although an array is sent', async () => {
    answer({ getSshKey: { status: 200, body: [key] }, getSshKeyLegacy: { status: 200, body: [key] } });
    const found = await verda.getSshKey({ path: { sshKeyId: id } });
    expectTypeOf(found).toEqualTypeOf<SshKey>();
    expect(found).toEqual(key);
    expect(await verda.getSshKeyLegacy({ path: { sshKeyId: id } })).toEqual(key);
  });

  test('of a key gives that one key, should the vendor begin to send it alone', async () => {
    answer({ getSshKey: { status: 200, body: key } });
    expect(await verda.getSshKey({ path: { sshKeyId: id } })).toEqual(key);
  });

  test('of a script gives that one script', async () => {
    const script = { id, name: 's', script: '#!/bin/sh' };
    answer({ getScript: { status: 200, body: [script] } });
    expect(await verda.getScript({ path: { scriptId: id } })).toEqual(script);
  });

  test('that finds none is not found', async () => {
    answer({ getSshKey: { status: 200, body: [] } });
    expect(await failureOf(verda.getSshKey({ path: { sshKeyId: id } }))).toMatchObject({ code: 'not-found' });
  });

  test('through raw gives the array that is sent', async () => {
    answer({ getSshKey: { status: 200, body: [key] } });
    const { data } = await rawClient(verda).GET('/v1/ssh-keys/{sshKeyId}', { params: { path: { sshKeyId: id } } });
    expect(data).toEqual([key]);
  });
});

describe('volumes', () => {
  test('a clone answers the new id in either form, and is not repeated, since it would make two', async () => {
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

  test('an action without an answer is null', async () => {
    answer({ performVolumeAction: { status: 202 } });
    expect(await verda.performVolumeAction({ body: { id, action: 'detach' } })).toBeNull();
  });

  test.each([202, 204])('a delete needs no body and is done on a %i', async (status) => {
    answer({ deleteVolume: { status } });
    await expect(verda.deleteVolume({ path: { volume_id: id } })).resolves.toBeUndefined();
  });
});

test('deleting several keys sends a list of them', async () => {
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

test('a delete that is refused while provisioning says so', async () => {
  const body = { code: 'forbidden_action', message: "Can't discontinue a provisioning instance" };
  answer({ performInstanceAction: { status: 403, body } });
  const error = await failureOf(verda.performInstanceAction({ body: { id, action: 'delete' } }));
  expect(error).toMatchObject({ code: 'permission', vendorCode: 'forbidden_action', mayHaveTakenEffect: false });
  expect(error.message).toContain("Can't discontinue a provisioning instance");
});

test('an action on several instances answers for each of them', async () => {
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

test('spot availability is asked for with a boolean', async () => {
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

test('scripts are paged by the total in the header', async () => {
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

test('a rate limit says how long to wait', async () => {
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

test('what ends a machine, a volume or a cluster does not wait behind others for its turn', async () => {
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

test('types say what the vendor sends where its document does not', () => {
  expectTypeOf<Instance['ip']>().toEqualTypeOf<string | null>();
  expectTypeOf<Instance['price_per_hour']>().toEqualTypeOf<number | string>();
  expectTypeOf<Instance['gpu']['number_of_gpus']>().toEqualTypeOf<number>();
  expectTypeOf<InstanceType['price_per_hour']>().toEqualTypeOf<number | string>();
  expectTypeOf<Volume['instance_id']>().toEqualTypeOf<string | null>();
  expectTypeOf<NonNullable<Volume['instances']>[number]>().toHaveProperty('id');
  expectTypeOf<'a-status-of-tomorrow'>().toExtend<InstanceStatus>();
});

test('every operation is a method with a mock', async () => {
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
