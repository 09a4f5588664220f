import { sequence, waiterWorld } from '@gpu-clouds/core/test';
import { expect, expectTypeOf, test } from 'vitest';
import { createGpuAi, type Instance, type Operation } from './index.ts';
import { gpuAiHandlers, notFound, serverError } from './msw.ts';
import { waitForInstance, waitForOperation } from './waiters.ts';

const { server, clock } = waiterWorld();
const client = createGpuAi({ apiKey: 'the-key', maxRetries: 0 });

const id = '3f0d0b0c-6a51-4b6e-9a53-8a1f0e6f1b22';

function operations(...states: [string, ...string[]]) {
  const next = sequence(...states);
  server.use(
    gpuAiHandlers.getOperation(({ example, params }) => ({
      status: 200,
      body: {
        ...example,
        operation_id: params.id,
        state: next(),
        error: { code: 'operation_failed', detail: 'no GPU' },
      },
    })),
  );
}

function instances(...statuses: [string, ...string[]]) {
  const next = sequence(...statuses);
  server.use(
    gpuAiHandlers.getInstance(({ example, params }) => {
      const status = next();
      return status === '404' ? notFound() : { status: 200, body: { ...example, id: params.id, status } };
    }),
  );
}

test('waitForOperation resolves when the operation succeeds', async () => {
  operations('pending', 'in_progress', 'a-state-of-tomorrow', 'succeeded');
  const operation = await waitForOperation(client, id, { clock });
  expectTypeOf(operation).toEqualTypeOf<Operation>();
  expect(operation).toMatchObject({ operation_id: id, state: 'succeeded' });
});

test.each(['failed', 'cancelled'])(
  'waitForOperation rejects a %s operation with its reason and warns about billing',
  async (state) => {
    operations('pending', state);
    const wait = waitForOperation(client, id, { clock });
    await expect(wait).rejects.toMatchObject({ name: 'WaitError', code: 'failed', state, polls: 2 });
    await expect(wait).rejects.toThrow('operation_failed, no GPU (polled 2 times). Its instance may exist, and bill');
  },
);

test('waitForInstance continues after a failed poll until the instance runs', async () => {
  instances('404', 'creating', 'allocating', 'booting', 'unreachable', 'running');
  server.use(gpuAiHandlers.getInstance(serverError(), { once: true }));
  const instance = await waitForInstance(client, 'gpu-1', { clock });
  expectTypeOf(instance).toEqualTypeOf<Instance>();
  expect(instance).toMatchObject({ id: 'gpu-1', status: 'running' });
});

test.each(['error', 'stopped', 'terminated'])('waitForInstance rejects as failed for status %s', async (status) => {
  instances('booting', status);
  await expect(waitForInstance(client, 'gpu-1', { clock })).rejects.toMatchObject({ code: 'failed', state: status });
});

test('waitForInstance treats terminated and not-found as gone, but not error', async () => {
  instances('running', 'error', 'stopping', '404');
  const gone = await waitForInstance(client, 'gpu-1', { clock, until: 'gone' });
  expectTypeOf(gone).toEqualTypeOf<Instance | undefined>();
  expect(gone).toBeUndefined();
  instances('stopping', 'terminated');
  expect(await waitForInstance(client, 'gpu-1', { clock, until: 'gone' })).toMatchObject({ status: 'terminated' });
});

test('until accepts only the states of an instance', () => {
  // @ts-expect-error not a state to wait for
  expectTypeOf(waitForInstance).toBeCallableWith(client, 'gpu-1', { until: 'hibernated' });
});
