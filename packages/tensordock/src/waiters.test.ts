import { sequence, waiterWorld } from '@gpu-clouds/core/test';
import { expect, expectTypeOf, test } from 'vitest';
import { createTensorDock, type VirtualMachine } from './index.ts';
import { failure, notFound, tensorDockHandlers, type UncheckedAnswer } from './msw.ts';
import { waitForInstance } from './waiters.ts';

const { server, clock } = waiterWorld();
const client = createTensorDock({ apiKey: 'the-key', apiToken: 'the-token', maxRetries: 0 });

type Shown = string | UncheckedAnswer;

function machines(...shown: [Shown, ...Shown[]]) {
  const next = sequence(...shown);
  server.use(
    tensorDockHandlers.getVirtualMachine(({ example }) => {
      const status = next();
      if (typeof status !== 'string' || !('virtualmachines' in example)) return status as UncheckedAnswer;
      return { status: 200, body: { ...example, virtualmachines: { ...example.virtualmachines, status } } };
    }),
  );
}

test('a machine is waited for until it runs', async () => {
  machines(notFound(), 'Deploying', 'Running');
  const machine = await waitForInstance(client, 'a-uuid', { clock });
  expectTypeOf(machine).toEqualTypeOf<VirtualMachine>();
  expect(machine).toMatchObject({ status: 'Running', default_user: 'user' });
});

test('a machine that was outbid will not run, and is stopped', async () => {
  machines('Outbid');
  await expect(waitForInstance(client, 'a-uuid', { clock })).rejects.toMatchObject({ code: 'failed', state: 'outbid' });
  expect(await waitForInstance(client, 'a-uuid', { clock, until: 'stopped' })).toMatchObject({ status: 'Outbid' });
});

test.each([
  ['a 404', notFound()],
  ['a text on a 200', failure('Server does not exist')],
])('a machine is gone after %s', async (_, answer) => {
  machines('Running', answer);
  expect(await waitForInstance(client, 'a-uuid', { clock, until: 'gone' })).toBeUndefined();
});

test('any other failure on a 200 does not mean that it is gone', async () => {
  machines(failure('Server is locked'));
  const wait = waitForInstance(client, 'a-uuid', { clock, until: 'gone' });
  await expect(wait).rejects.toMatchObject({ name: 'ApiError', code: 'vendor-failure' });
});
