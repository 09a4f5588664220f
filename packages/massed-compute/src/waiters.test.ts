import { sequence, waiterWorld } from '@gpu-clouds/core/test';
import { expect, expectTypeOf, test } from 'vitest';
import { createMassedCompute, type Instance } from './index.ts';
import { massedComputeHandlers, notFound } from './msw.ts';
import { waitForInstance } from './waiters.ts';

const { server, clock } = waiterWorld();
const client = createMassedCompute({ token: 'the-token', maxRetries: 0 });

type Shown = Partial<Instance> | 'missing';

function instances(...shown: [Shown, ...Shown[]]) {
  const next = sequence(...shown);
  server.use(
    massedComputeHandlers.getInstance(({ example }) => {
      const changes = next();
      const [instance] = 'runningInstances' in example ? example.runningInstances : [];
      if (changes === 'missing' || !instance) return notFound();
      return { status: 200, body: { runningInstance: { ...instance, ...changes } } };
    }),
  );
}

test('waitForInstance resolves when the instance is running, has booted, and has an IP address', async () => {
  instances(
    { status: 'rented', os_booted: 0 },
    { status: 'pending' },
    { status: 'Running', os_booted: 1, ip: '' },
    { status: 'Running', os_booted: 1, ip: '192.0.2.7' },
  );
  const states: unknown[] = [];
  const onProgress = ({ state }: { state: string | undefined }) => states.push(state);
  const instance = await waitForInstance(client, 'a-uuid', { clock, onProgress });
  expectTypeOf(instance).toEqualTypeOf<Instance>();
  expect(instance.ip).toBe('192.0.2.7');
  expect(states).toEqual(['booting', 'pending', 'booting']);
});

test('waitForInstance treats a rented instance that has booted and has an IP address as running', async () => {
  instances({ status: 'rented', os_booted: 1, ip: '192.0.2.7' });
  expect(await waitForInstance(client, 'a-uuid', { clock })).toMatchObject({ status: 'rented' });
});

test('waitForInstance rejects a terminated instance with an error that hides the password', async () => {
  instances({ status: 'terminated', password: 'correct-horse' });
  const error: unknown = await waitForInstance(client, 'a-uuid', { clock }).catch((error: unknown) => error);
  expect(error).toMatchObject({ code: 'failed', state: 'terminated' });
  expect(JSON.stringify(error)).not.toContain('correct-horse');
});

test('waitForInstance resolves for a stopped instance, and treats not-found as gone', async () => {
  instances({ status: 'Running' }, { status: 'Stopped' });
  expect(await waitForInstance(client, 'a-uuid', { clock, until: 'stopped' })).toMatchObject({ status: 'Stopped' });
  instances({ status: 'Running' }, 'missing');
  expect(await waitForInstance(client, 'a-uuid', { clock, until: 'gone' })).toBeUndefined();
});
