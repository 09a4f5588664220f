import { sequence, waiterWorld } from '@gpu-clouds/core/test';
import { expect, expectTypeOf, test } from 'vitest';
import { createTensorDock, type VirtualMachine } from './index.ts';
import { failure, notFound, tensorDockHandlers, type UncheckedAnswer } from './msw.ts';
import { waitForInstance } from './waiters.ts';

const { server, clock } = waiterWorld();
const client = createTensorDock({ apiKey: 'the-key', apiToken: 'the-token', maxRetries: 0 });

type Shown = string | UncheckedAnswer;

function show(...shown: [Shown, ...Shown[]]) {
  const next = sequence(...shown);
  server.use(
    tensorDockHandlers.getVirtualMachine(({ example }) => {
      const status = next();
      if (typeof status !== 'string' || !('virtualmachines' in example)) return status as UncheckedAnswer;
      return { status: 200, body: { ...example, virtualmachines: { ...example.virtualmachines, status } } };
    }),
  );
}

test('waitForInstance resolves when the VM runs', async () => {
  show(notFound(), 'Deploying', 'Running');
  const machine = await waitForInstance(client, 'a-uuid', { clock });
  expectTypeOf(machine).toEqualTypeOf<VirtualMachine>();
  expect(machine).toMatchObject({ status: 'Running', default_user: 'user' });
});

test('waitForInstance rejects an outbid VM, and treats it as stopped', async () => {
  show('Outbid');
  await expect(waitForInstance(client, 'a-uuid', { clock })).rejects.toMatchObject({ code: 'failed', state: 'outbid' });
  expect(await waitForInstance(client, 'a-uuid', { clock, until: 'stopped' })).toMatchObject({ status: 'Outbid' });
});

test.each([
  ['a 404', notFound()],
  ['a failure message with HTTP 200', failure('Server does not exist')],
])('waitForInstance treats the VM as gone after %s', async (_, answer) => {
  show('Running', answer);
  expect(await waitForInstance(client, 'a-uuid', { clock, until: 'gone' })).toBeUndefined();
});

test('waitForInstance rejects any other failure with HTTP 200', async () => {
  show(failure('Server is locked'));
  const wait = waitForInstance(client, 'a-uuid', { clock, until: 'gone' });
  await expect(wait).rejects.toMatchObject({ name: 'ApiError', code: 'vendor-failure' });
});
