import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ApiError, createMassedCompute } from './index.ts';
import {
  connectionLost,
  forbidden,
  insufficientFunds,
  invalidRequest,
  massedComputeHandlers,
  notFound,
  outOfCapacity,
  rateLimited,
  serverError,
  unauthorized,
  unchecked,
} from './msw.ts';

const server = setupServer();
const client = createMassedCompute({ token: 'the-token', maxRetries: 0 });
const order = { productName: 'gpu_1x_l40', regionName: 'any', imageId: 1 };

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const failures = [
  ['outOfCapacity', outOfCapacity(), { status: 409, mayHaveTakenEffect: false }, 'no capacity available'],
  [
    'rateLimited',
    rateLimited({ retryAfterSeconds: 7 }),
    { code: 'rate-limited', status: 429, mayHaveTakenEffect: false },
    'Too many requests',
  ],
  ['unauthorized', unauthorized(), { code: 'authentication', status: 401, mayHaveTakenEffect: false }, 'Invalid Token'],
  ['insufficientFunds', insufficientFunds(), { status: 402, mayHaveTakenEffect: false }, 'Recharge amount'],
  [
    'forbidden',
    forbidden(),
    { code: 'permission', status: 403, mayHaveTakenEffect: false },
    'not available to your account',
  ],
  ['notFound', notFound(), { code: 'not-found', status: 404, mayHaveTakenEffect: false }, 'Instance not found'],
  ['invalidRequest', invalidRequest(), { code: 'invalid', status: 422, mayHaveTakenEffect: false }, 'VM Image'],
  ['serverError', serverError(), { code: 'server', status: 500, mayHaveTakenEffect: true }, 'Internal server error'],
  ['connectionLost', connectionLost(), { code: 'connection', mayHaveTakenEffect: true }, 'no answer'],
] as const;

test.each(failures)(
  'the mock failure %s rejects with its code, status, and message',
  async (_, answer, expected, words) => {
    server.use(massedComputeHandlers.launchInstance(answer));
    const error: unknown = await client.launchInstance({ body: order }).catch((error: unknown) => error);
    expect(ApiError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ ...expected, vendor: 'massed-compute', operation: 'launchInstance' });
    expect(String(error)).toContain(words);
  },
);

test('a rate limit rejects with retryAfterMs', async () => {
  server.use(massedComputeHandlers.launchInstance(rateLimited({ retryAfterSeconds: 7 })));
  await expect(client.launchInstance({ body: order })).rejects.toMatchObject({ retryAfterMs: 7000 });
});

test('an HTML response of a gateway rejects as unreadable', async () => {
  server.use(
    massedComputeHandlers.launchInstance(
      unchecked({ status: 200, contentType: 'text/html', body: '<html>Busy</html>' }),
    ),
  );
  await expect(client.launchInstance({ body: order })).rejects.toMatchObject({
    code: 'unreadable',
    mayHaveTakenEffect: true,
  });
});
