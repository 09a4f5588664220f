import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, expectTypeOf, test } from 'vitest';
import { createTensorDock, type VirtualMachine } from './index.ts';
import { failure, notFound, tensorDockHandlers, type UncheckedAnswer } from './msw.ts';
import { waitForInstance } from './waiters.ts';

const server = setupServer();
const client = createTensorDock({ apiKey: 'the-key', apiToken: 'the-token', maxRetries: 0 });

/** Pauses end at once and move the time on; a wait that would never end is cut short. */
const clock = {
  time: 0,
  now: () => clock.time,
  random: () => 0,
  after(milliseconds: number, callback: () => void) {
    if (milliseconds >= 60_000) return () => {};
    clock.time += milliseconds;
    if (clock.time > 10_000_000) throw new Error('this wait never ends');
    queueMicrotask(callback);
    return () => {};
  },
};

/** One after the other, the last one from then on. */
function sequence<T>(...values: [T, ...T[]]): () => T {
  const [first, ...rest] = values;
  let now = first;
  return () => {
    const current = now;
    now = rest.shift() ?? now;
    return current;
  };
}

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => {
  server.resetHandlers();
  clock.time = 0;
});
afterAll(() => server.close());

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
