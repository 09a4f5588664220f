import type { MockReply } from '@gpu-clouds/core/msw';
import { type HttpHandler, HttpResponse, type HttpResponseResolver } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { examples } from './generated/examples.ts';
import { operations } from './generated/operations.ts';
import { createMassedCompute, type Instance, type InstanceStatus } from './index.ts';
import { handlers } from './msw.ts';

const server = setupServer();
const massed = createMassedCompute({ token: 'the-token', maxRetries: 0 });
const uuid = '8b52a46b-a892-4fde-925c-6d13226908f7';
const get = { path: { uuid } };
const order = { imageId: 84, productName: 'gpu_1x_l40', regionName: 'any' };
const [instance] = examples.listInstances.body.runningInstances;

type Answers = Partial<Record<keyof typeof operations, MockReply | HttpResponseResolver>>;
/** Handlers that may answer what the document does not know. */
const looseHandlers = handlers as (options: { readonly baseUrl?: string; readonly answers: Answers }) => HttpHandler[];
const answer = (answers: Answers) => server.use(...looseHandlers({ answers }));

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => {
  server.resetHandlers();
  vi.unstubAllEnvs();
});
afterAll(() => server.close());

test('createMassedCompute reads the token and the base URL from the environment', async () => {
  vi.stubEnv('MASSED_COMPUTE_TOKEN', 'from-environment');
  vi.stubEnv('MASSED_COMPUTE_BASE_URL', 'http://massed.test');
  let header: string | null = null;
  const listImages: Answers['listImages'] = ({ request }) => {
    header = request.headers.get('authorization');
    return HttpResponse.json({ images: [] });
  };
  server.use(...looseHandlers({ baseUrl: 'http://massed.test', answers: { listImages } }));
  await createMassedCompute().listImages();
  expect(header).toBe('Bearer from-environment');
});

test('createMassedCompute names a missing token', () => {
  vi.stubEnv('MASSED_COMPUTE_TOKEN', '');
  expect(() => createMassedCompute()).toThrow('Set the environment variable MASSED_COMPUTE_TOKEN');
});

describe('one instance', () => {
  test.each([
    ['runningInstance, as in the document', { runningInstance: instance }],
    ['runningInstances[0], as clients of the live API report', { runningInstances: [instance] }],
  ])('getInstance resolves to %s', async (_, body) => {
    answer({ getInstance: { status: 200, body } });
    const found = await massed.getInstance(get);
    expectTypeOf(found).toEqualTypeOf<Instance>();
    expect(found).toEqual(instance);
  });

  test.each([[{ runningInstances: [] }], [{ runningInstance: null }]])(
    'getInstance rejects with not-found for %j',
    async (body) => {
      answer({ getInstance: { status: 200, body } });
      await expect(massed.getInstance(get)).rejects.toMatchObject({ code: 'not-found' });
    },
  );

  test('getInstance without an envelope rejects with an error that hides the password', async () => {
    answer({ getInstance: { status: 200, body: instance } });
    const error: unknown = await massed.getInstance(get).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'unreadable' });
    expect(JSON.stringify(error)).not.toContain(instance?.password);
  });

  test('getInstance requires a uuid', async () => {
    await expect(massed.getInstance({ path: { uuid: '' } })).rejects.toMatchObject({ code: 'invalid', attempts: 0 });
    // @ts-expect-error the path parameter is required
    expectTypeOf(massed.getInstance).toBeCallableWith({});
  });
});

test('prices are strings when the API sends numbers', async () => {
  const product = { ...instance?.product, price_hr: 0.86, final_price_hr: '0.80' };
  answer({ listInstances: { status: 200, body: { runningInstances: [{ ...instance, product, password: 123456 }] } } });
  const { runningInstances } = await massed.listInstances();
  expect(runningInstances[0]).toMatchObject({
    password: '123456',
    product: { price_hr: '0.86', final_price_hr: '0.80' },
  });
});

describe('a launch', () => {
  test('launchInstance sends the property names of the API', async () => {
    let body: unknown;
    answer({
      launchInstance: async ({ request }) => {
        body = await request.json();
        return HttpResponse.json({ response: uuid }, { status: 202 });
      },
    });
    const asked = { ...order, instanceName: 'trainer', sshKeys: ['laptop'] };
    await expect(massed.launchInstance({ body: asked })).resolves.toEqual({ response: uuid });
    expect(body).toEqual(asked);
    // @ts-expect-error a launch requires an image
    expectTypeOf(massed.launchInstance).toBeCallableWith({ body: { productName: 'gpu_1x_l40', regionName: 'any' } });
  });

  test('launchInstance without a uuid in the response sets mayHaveTakenEffect', async () => {
    answer({ launchInstance: { status: 202, body: {} } });
    await expect(massed.launchInstance({ body: order })).rejects.toMatchObject({
      code: 'unreadable',
      mayHaveTakenEffect: true,
    });
  });

  test.each([
    [402, 'funds', 'Auto recharge is not configured'],
    [422, 'invalid', 'Product does not support the VM Image'],
  ])('launchInstance refused with a %i had no effect', async (status, code, message) => {
    answer({ launchInstance: { status, body: { message } } });
    await expect(massed.launchInstance({ body: order })).rejects.toMatchObject({ code, mayHaveTakenEffect: false });
  });

  test('launchInstance is sent once', async () => {
    let calls = 0;
    answer({
      launchInstance: () => {
        calls += 1;
        return new HttpResponse(null, { status: 500 });
      },
    });
    await expect(massed.launchInstance({ body: order }, { maxRetries: 3 })).rejects.toMatchObject({
      code: 'server',
      attempts: 1,
      mayHaveTakenEffect: true,
    });
    expect(calls).toBe(1);
  });
});

test('terminateInstances is retried and resolves to one result for each instance', async () => {
  let calls = 0;
  answer({
    terminateInstances: () => {
      calls += 1;
      return calls === 1
        ? new HttpResponse(null, { status: 503, headers: { 'Retry-After': '0' } })
        : HttpResponse.json(examples.terminateInstances.body, { status: 202 });
    },
  });
  const clock = { now: () => 0, random: () => 0, after: skip };
  const patient = createMassedCompute({ token: 'the-token', clock });
  const { response } = await patient.terminateInstances({ body: { instanceUuids: [uuid] } });
  expect(response.data.terminated_instances.map(({ id, status }) => [id, status])).toEqual([[uuid, 'terminated']]);
  expect(calls).toBe(2);
});

/** Waits between attempts end at once; time limits never do. */
function skip(milliseconds: number, callback: () => void): () => void {
  if (milliseconds < 30_000) queueMicrotask(callback);
  return () => {};
}

test('types follow the patched document', () => {
  expectTypeOf<Instance['uuid']>().toEqualTypeOf<string>();
  expectTypeOf<Instance['region']>().toExtend<{ name: string } | undefined>();
  expectTypeOf<'a-status-of-tomorrow'>().toExtend<InstanceStatus>();
});

test('every operation has a method and a mock handler', async () => {
  server.use(...handlers());
  for (const [name, { path, method }] of Object.entries(operations)) {
    const params = Object.fromEntries([...path.matchAll(/\{([^{}]+)\}/g)].map(([, parameter]) => [parameter, 'x']));
    const call = Reflect.get(massed, name) as (args: object) => Promise<unknown>;
    await call({ path: params, ...(method === 'GET' ? {} : { body: {} }) });
  }
});
