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

test('an instance runs when its status says so, its system is up and it has an address', async () => {
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

test('an instance that is rented, has booted and has an address runs', async () => {
  instances({ status: 'rented', os_booted: 1, ip: '192.0.2.7' });
  expect(await waitForInstance(client, 'a-uuid', { clock })).toMatchObject({ status: 'rented' });
});

test('an instance that is terminated will not run, and its password is not in the error', async () => {
  instances({ status: 'terminated', password: 'correct-horse' });
  const error: unknown = await waitForInstance(client, 'a-uuid', { clock }).catch((error: unknown) => error);
  expect(error).toMatchObject({ code: 'failed', state: 'terminated' });
  expect(JSON.stringify(error)).not.toContain('correct-horse');
});

test('an instance is stopped, or gone when it is not found', async () => {
  instances({ status: 'Running' }, { status: 'Stopped' });
  expect(await waitForInstance(client, 'a-uuid', { clock, until: 'stopped' })).toMatchObject({ status: 'Stopped' });
  instances({ status: 'Running' }, 'missing');
  expect(await waitForInstance(client, 'a-uuid', { clock, until: 'gone' })).toBeUndefined();
});
