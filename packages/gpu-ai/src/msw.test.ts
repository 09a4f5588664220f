import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ApiError, createGpuAi } from './index.ts';
import {
  connectionLost,
  gpuAiHandlers,
  idempotencyConflict,
  idempotencyMismatch,
  insufficientFunds,
  invalidRequest,
  notFound,
  outOfCapacity,
  priceExceeded,
  quotaExceeded,
  rateLimited,
  serverError,
  unauthorized,
  unchecked,
} from './msw.ts';

const server = setupServer();
const client = createGpuAi({ apiKey: 'the-key', maxRetries: 0 });
const order = { gpu_type: 'h100_sxm', gpu_count: 1, tier: 'on_demand' } as const;

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const failures = [
  ['outOfCapacity', outOfCapacity(), { status: 409, mayHaveTakenEffect: false }, 'No availability'],
  ['priceExceeded', priceExceeded(), { status: 409, mayHaveTakenEffect: false }, 'above the limit'],
  [
    'rateLimited',
    rateLimited({ retryAfterSeconds: 7 }),
    { code: 'rate-limited', status: 429, mayHaveTakenEffect: false },
    'Rate limit exceeded',
  ],
  ['unauthorized', unauthorized(), { code: 'authentication', status: 401, mayHaveTakenEffect: false }, 'API key'],
  ['insufficientFunds', insufficientFunds(), { status: 402, mayHaveTakenEffect: false }, 'balance'],
  ['quotaExceeded', quotaExceeded(), { status: 403, mayHaveTakenEffect: false }, 'quota'],
  ['notFound', notFound(), { code: 'not-found', status: 404, mayHaveTakenEffect: false }, 'Not found'],
  ['invalidRequest', invalidRequest(), { code: 'invalid', status: 422, mayHaveTakenEffect: false }, 'gpu_count'],
  [
    'idempotencyConflict',
    idempotencyConflict(),
    { code: 'conflict', status: 409, mayHaveTakenEffect: false },
    'in flight',
  ],
  [
    'idempotencyMismatch',
    idempotencyMismatch(),
    { code: 'invalid', status: 422, mayHaveTakenEffect: false },
    'another request',
  ],
  ['serverError', serverError(), { code: 'server', status: 500, mayHaveTakenEffect: true }, 'Internal error'],
  ['connectionLost', connectionLost(), { code: 'connection', mayHaveTakenEffect: true }, 'no answer'],
] as const;

test.each(failures)(
  'the mock failure %s rejects with its code, status, and message',
  async (_, answer, expected, words) => {
    server.use(gpuAiHandlers.createInstance(answer));
    const error: unknown = await client.createInstance({ body: order }).catch((error: unknown) => error);
    expect(ApiError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ ...expected, vendor: 'gpu-ai', operation: 'createInstance' });
    expect(String(error)).toContain(words);
  },
);

test('a rate limit rejects with retryAfterMs', async () => {
  server.use(gpuAiHandlers.createInstance(rateLimited({ retryAfterSeconds: 7 })));
  await expect(client.createInstance({ body: order })).rejects.toMatchObject({ retryAfterMs: 7000 });
});

test('an HTML response of a gateway rejects as unreadable', async () => {
  server.use(
    gpuAiHandlers.createInstance(unchecked({ status: 200, contentType: 'text/html', body: '<html>Busy</html>' })),
  );
  await expect(client.createInstance({ body: order })).rejects.toMatchObject({
    code: 'unreadable',
    mayHaveTakenEffect: true,
  });
});
