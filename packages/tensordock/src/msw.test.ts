import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ApiError, createTensorDock, type DeployRequest } from './index.ts';
import {
  connectionLost,
  failure,
  insufficientFunds,
  notFound,
  outOfCapacity,
  rateLimited,
  serverError,
  tensorDockHandlers,
  unauthorized,
  unchecked,
} from './msw.ts';

const server = setupServer();
const client = createTensorDock({ apiKey: 'the-key', apiToken: 'the-token', maxRetries: 0 });
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

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const failures = [
  ['outOfCapacity', outOfCapacity(), { status: 200, mayHaveTakenEffect: false }, 'No available nodes found'],
  [
    'failure',
    failure('Bid price is too low'),
    { code: 'vendor-failure', status: 200, mayHaveTakenEffect: false },
    'Bid price is too low',
  ],
  [
    'rateLimited',
    rateLimited({ retryAfterSeconds: 7 }),
    { code: 'rate-limited', status: 429, mayHaveTakenEffect: false },
    'Too many requests',
  ],
  [
    'unauthorized',
    unauthorized(),
    { code: 'authentication', status: 401, mayHaveTakenEffect: false },
    'Invalid API key or token',
  ],
  ['insufficientFunds', insufficientFunds(), { status: 200, mayHaveTakenEffect: false }, 'Insufficient balance'],
  ['notFound', notFound(), { code: 'not-found', status: 404, mayHaveTakenEffect: false }, 'Server not found'],
  ['serverError', serverError(), { code: 'server', status: 500, mayHaveTakenEffect: true }, 'Internal server error'],
  ['connectionLost', connectionLost(), { code: 'connection', mayHaveTakenEffect: true }, 'no answer'],
] as const;

test.each(failures)(
  'the mock failure %s rejects with its code, status, and message',
  async (_, answer, expected, words) => {
    server.use(tensorDockHandlers.deployVirtualMachine(answer));
    const error: unknown = await client.deployVirtualMachine({ body: order }).catch((error: unknown) => error);
    expect(ApiError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ ...expected, vendor: 'tensordock', operation: 'deployVirtualMachine' });
    expect(String(error)).toContain(words);
  },
);

test('a rate limit rejects with retryAfterMs', async () => {
  server.use(tensorDockHandlers.deployVirtualMachine(rateLimited({ retryAfterSeconds: 7 })));
  await expect(client.deployVirtualMachine({ body: order })).rejects.toMatchObject({ retryAfterMs: 7000 });
});

test('an HTML response of a gateway rejects as unreadable', async () => {
  server.use(
    tensorDockHandlers.deployVirtualMachine(
      unchecked({ status: 200, contentType: 'text/html', body: '<html>Busy</html>' }),
    ),
  );
  await expect(client.deployVirtualMachine({ body: order })).rejects.toMatchObject({
    code: 'unreadable',
    mayHaveTakenEffect: true,
  });
});
