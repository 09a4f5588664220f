import type { MockReply } from '@gpu-clouds/core/msw';
import { type HttpHandler, HttpResponse, type HttpResponseResolver } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { examples } from './generated/examples.ts';
import { operations } from './generated/operations.ts';
import { createGpuAi, type Instance, type Operation, type Pricing, type Problem } from './index.ts';
import { handlers } from './msw.ts';
import { rawClient } from './raw.ts';

const server = setupServer();
const instant = { now: () => 0, random: () => 0, after: skip };
const gpuAi = createGpuAi({ apiKey: 'the-api-key', clock: instant });
const order = { gpu_type: 'h100_sxm', gpu_count: 1, region: 'US', name: 'trainer', tier: 'on_demand' } as const;
const get = { path: { id: 'gpu-1' } };

/** Waits between attempts end at once; time limits never do. */
function skip(milliseconds: number, callback: () => void): () => void {
  if (milliseconds < 30_000) queueMicrotask(callback);
  return () => {};
}

type Answers = Partial<Record<keyof typeof operations, MockReply | HttpResponseResolver>>;
/** Handlers that may answer what the document does not know. */
const looseHandlers = handlers as (options: { readonly baseUrl?: string; readonly answers: Answers }) => HttpHandler[];
const answer = (answers: Answers) => server.use(...looseHandlers({ answers }));
const problem = (status: number, body: object) => () =>
  new HttpResponse(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/problem+json' } });

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => {
  server.resetHandlers();
  vi.unstubAllEnvs();
});
afterAll(() => server.close());

test('createGpuAi reads the API key and the base URL from the environment', async () => {
  vi.stubEnv('GPU_AI_API_KEY', 'from-environment');
  vi.stubEnv('GPU_AI_BASE_URL', 'http://gpu-ai.test/v1');
  let header: string | null = null;
  const listSshKeys: Answers['listSshKeys'] = ({ request }) => {
    header = request.headers.get('authorization');
    return HttpResponse.json({ data: [], next_cursor: null });
  };
  server.use(...looseHandlers({ baseUrl: 'http://gpu-ai.test/v1', answers: { listSshKeys } }));
  await createGpuAi().listSshKeys();
  expect(header).toBe('Bearer from-environment');
});

test('createGpuAi names a missing API key', () => {
  vi.stubEnv('GPU_AI_API_KEY', '');
  expect(() => createGpuAi()).toThrow('Set the environment variable GPU_AI_API_KEY, or pass the option apiKey.');
});

describe('an idempotency key', () => {
  /** Answers a create at the third attempt, and keeps the keys that it was asked with. */
  function flaky() {
    const keys: (string | null)[] = [];
    answer({
      createInstance: ({ request }) => {
        keys.push(request.headers.get('idempotency-key'));
        if (keys.length < 3) return keys.length === 1 ? HttpResponse.error() : new HttpResponse(null, { status: 503 });
        return HttpResponse.json(examples.createInstance.body, { status: 202 });
      },
    });
    return keys;
  }

  test('a create and its retries send the same idempotency key', async () => {
    const keys = flaky();
    await expect(gpuAi.createInstance({ body: order })).resolves.toEqual(examples.createInstance.body);
    expect(keys).toHaveLength(3);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(keys).size).toBe(1);
  });

  test('two creates send different idempotency keys', async () => {
    const keys = flaky();
    await gpuAi.createInstance({ body: order });
    await gpuAi.createInstance({ body: order });
    expect(new Set(keys).size).toBe(2);
  });

  test('a create sends the idempotency key of the caller', async () => {
    const keys = flaky();
    await gpuAi.createInstance({ body: order }, { idempotencyKey: 'run-1' });
    expect(keys).toEqual(['run-1', 'run-1', 'run-1']);
  });

  test('createSshKey sends an idempotency key by default', async () => {
    let key: string | null = null;
    answer({
      createSshKey: ({ request }) => {
        key = request.headers.get('idempotency-key');
        return HttpResponse.json(examples.createSshKey.body, { status: 201 });
      },
    });
    await gpuAi.createSshKey({ body: { name: 'laptop', public_key: 'ssh-ed25519 AAAA' } });
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('the raw client sends an idempotency key', async () => {
    let key: string | null = null;
    answer({
      deleteInstance: ({ request }) => {
        key = request.headers.get('idempotency-key');
        return HttpResponse.json(examples.deleteInstance.body, { status: 202 });
      },
    });
    await rawClient(gpuAi).DELETE('/instances/{id}', { params: get });
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
    await rawClient(gpuAi).DELETE('/instances/{id}', { params: { ...get, header: { 'Idempotency-Key': 'mine' } } });
    expect(key).toBe('mine');
  });
});

test('a create without an operation in its response sets mayHaveTakenEffect', async () => {
  answer({ createInstance: () => new HttpResponse(null, { status: 202 }) });
  await expect(gpuAi.createInstance({ body: order })).rejects.toMatchObject({
    code: 'unreadable',
    status: 202,
    mayHaveTakenEffect: true,
  });
});

test('a create resolves to the operation, whose id is also in the header', async () => {
  const operation = examples.createInstance.body;
  answer({
    createInstance: () =>
      HttpResponse.json(operation, { status: 202, headers: { 'Operation-Id': operation.operation_id } }),
  });
  const { data, response } = await gpuAi.createInstance({ body: order }).withResponse();
  expectTypeOf(data).toEqualTypeOf<Operation>();
  expect(response.headers.get('Operation-Id')).toBe(data.operation_id);
});

test('listPricing reads all pages', async () => {
  const [price] = examples.listPricing.body.data;
  answer({
    listPricing: ({ request }) => {
      const cursor = new URL(request.url).searchParams.get('cursor');
      return HttpResponse.json({ data: [price], next_cursor: cursor === null ? 'second' : null });
    },
  });
  const prices: Pricing[] = [];
  for await (const item of gpuAi.listPricing.items({ query: { limit: 1 } })) prices.push(item);
  expect(prices).toEqual([price, price]);
});

test('deleting a missing instance rejects with not-found and had no effect', async () => {
  answer({ deleteInstance: problem(404, { title: 'Not found', status: 404, code: 'not_found' }) });
  await expect(gpuAi.deleteInstance(get)).rejects.toMatchObject({
    code: 'not-found',
    vendorCode: 'not_found',
    mayHaveTakenEffect: false,
  });
});

test('an error has the message of the problem document', async () => {
  const detail = 'No h100_sxm left in US.';
  answer({ createInstance: problem(409, { title: 'Conflict', detail, status: 409, code: 'no-availability' }) });
  await expect(gpuAi.createInstance({ body: order })).rejects.toMatchObject({
    code: 'conflict',
    vendorCode: 'no-availability',
    body: { detail },
    message: `gpu-ai createInstance (POST /instances) was refused with 409: ${detail}`,
  });
});

test('types follow the patched document', () => {
  expectTypeOf<'allocating'>().toExtend<Instance['status']>();
  expectTypeOf<'disk_unavailable'>().toExtend<NonNullable<Problem['code']>>();
  expectTypeOf<Instance['ready_at']>().toExtend<string | null | undefined>();
  // @ts-expect-error an SSH key needs a body
  expectTypeOf(gpuAi.createSshKey).toBeCallableWith({});
  // @ts-expect-error a rename needs the name
  expectTypeOf(gpuAi.updateInstance).toBeCallableWith(get);
});

test('every operation has a method and a mock handler', async () => {
  server.use(...handlers());
  for (const [name, { path, method }] of Object.entries(operations)) {
    const params = Object.fromEntries([...path.matchAll(/\{([^{}]+)\}/g)].map(([, parameter]) => [parameter, 'x']));
    const call = Reflect.get(gpuAi, name) as (args: object) => Promise<unknown>;
    await call({ path: params, ...(method === 'GET' ? {} : { body: {} }) });
  }
});
