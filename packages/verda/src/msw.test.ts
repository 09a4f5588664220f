import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ApiError, type CreateInstance, createVerda } from './index.ts';
import {
  conflict,
  connectionLost,
  forbidden,
  instanceProvisioning,
  insufficientFunds,
  invalidRequest,
  notFound,
  outOfCapacity,
  quotaExceeded,
  rateLimited,
  serverError,
  serviceUnavailable,
  unauthorized,
  unchecked,
  verdaHandlers,
} from './msw.ts';

const server = setupServer(verdaHandlers.getAccessToken());
const client = createVerda({ clientId: 'the-id', clientSecret: 'the-secret', maxRetries: 0 });
const order: CreateInstance = {
  instance_type: '1V100.6V',
  image: 'ubuntu-24.04',
  hostname: 'trainer',
  description: 'trainer',
  location_code: 'FIN-01',
};

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const failures = [
  [
    'outOfCapacity',
    outOfCapacity(),
    { status: 503, mayHaveTakenEffect: false },
    'Not enough resources to deploy a 1 GPU instance type 1V100.6V in FIN-01',
  ],
  [
    'rateLimited',
    rateLimited({ retryAfterSeconds: 7 }),
    { code: 'rate-limited', status: 429, mayHaveTakenEffect: false },
    'Too many requests',
  ],
  ['unauthorized', unauthorized(), { code: 'authentication', status: 401, mayHaveTakenEffect: false }, 'Access token'],
  ['insufficientFunds', insufficientFunds(), { status: 402, mayHaveTakenEffect: false }, 'Insufficient funds'],
  ['forbidden', forbidden(), { code: 'permission', status: 403, mayHaveTakenEffect: false }, 'Forbidden action'],
  [
    'instanceProvisioning',
    instanceProvisioning(),
    { code: 'permission', status: 403, mayHaveTakenEffect: false },
    "Can't discontinue a provisioning instance",
  ],
  ['notFound', notFound(), { code: 'not-found', status: 404, mayHaveTakenEffect: false }, 'Not found'],
  ['conflict', conflict(), { code: 'conflict', status: 409, mayHaveTakenEffect: false }, 'Conflict'],
  ['invalidRequest', invalidRequest(), { code: 'invalid', status: 400, mayHaveTakenEffect: false }, 'Invalid request'],
  ['quotaExceeded', quotaExceeded(), { status: 400, mayHaveTakenEffect: false }, 'Volume limit exceeded'],
  ['serverError', serverError(), { code: 'server', status: 500, mayHaveTakenEffect: true }, 'Internal server error'],
  [
    'serviceUnavailable',
    serviceUnavailable(),
    { code: 'server', status: 503, mayHaveTakenEffect: true },
    'Service unavailable',
  ],
  ['connectionLost', connectionLost(), { code: 'connection', mayHaveTakenEffect: true }, 'no answer'],
] as const;

test.each(failures)(
  'the mock failure %s rejects with its code, status, and message',
  async (_, answer, expected, words) => {
    server.use(verdaHandlers.createInstance(answer));
    const error: unknown = await client.createInstance({ body: order }).catch((error: unknown) => error);
    expect(ApiError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ ...expected, vendor: 'verda', operation: 'createInstance' });
    expect(String(error)).toContain(words);
  },
);

test('a rate limit rejects with retryAfterMs', async () => {
  server.use(verdaHandlers.createInstance(rateLimited({ retryAfterSeconds: 7 })));
  await expect(client.createInstance({ body: order })).rejects.toMatchObject({ retryAfterMs: 7000 });
});

test('an HTML response of a gateway rejects as unreadable', async () => {
  server.use(
    verdaHandlers.createInstance(unchecked({ status: 200, contentType: 'text/html', body: '<html>Busy</html>' })),
  );
  await expect(client.createInstance({ body: order })).rejects.toMatchObject({
    code: 'unreadable',
    mayHaveTakenEffect: true,
  });
});
