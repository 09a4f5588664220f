import { expect, it } from 'vitest';
import { TeardownWatch } from './teardown-watch.ts';

const minute = 60_000;

function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

it('a teardown counts as stuck after ten minutes, and no more once it is done', async () => {
  let now = 0;
  const watch = new TeardownWatch(() => now);
  const gone = signal();
  const teardown = watch.during('instance', 0, () => gone.promise);
  now = 9 * minute;
  expect(watch.stuck()).toBe(0);
  now = 11 * minute;
  expect(watch.stuck()).toBe(1);
  gone.resolve();
  await teardown;
  expect(watch.stuck()).toBe(0);
});

it('between two attempts it stays stuck, until another worker must have taken it over', async () => {
  let now = 11 * minute;
  const watch = new TeardownWatch(() => now);
  const failing = watch.during('instance', 0, () => Promise.reject(new Error('no answer')));
  await expect(failing).rejects.toThrow('no answer');
  now += 20_000;
  expect(watch.stuck()).toBe(1);
  now += 20_000;
  expect(watch.stuck()).toBe(0);
});

it.each([
  ['destroyInstance', 1],
  ['destroyJobDeployment', 1],
  ['awaitJobDeployment', 0],
])('%s counts for %i', async (activityType, stuck) => {
  const watch = new TeardownWatch(() => 11 * minute);
  const gone = signal();
  const context = {
    info: { activityType, workflowExecution: { workflowId: 'instanceName' }, scheduledTimestampMs: 0 },
  };
  const execute = Reflect.get(Object(watch.interceptor(Object(context))), 'inbound')?.execute;
  const teardown: unknown = execute?.({}, () => gone.promise);
  expect(watch.stuck()).toBe(stuck);
  gone.resolve();
  await teardown;
});
