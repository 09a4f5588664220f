import { sequence, waiterWorld } from '@gpu-clouds/core/test';
import { beforeEach, expect, expectTypeOf, test } from 'vitest';
import { createVerda, type Instance } from './index.ts';
import { notFound, verdaHandlers } from './msw.ts';
import {
  waitForCluster,
  waitForContainerDeployment,
  waitForInstance,
  waitForJobDeployment,
  waitForVolume,
} from './waiters.ts';

const { server, clock } = waiterWorld();
beforeEach(() => server.use(verdaHandlers.getAccessToken()));
const client = createVerda({ clientId: 'the-id', clientSecret: 'the-secret', maxRetries: 0 });

type Statuses = [string, ...string[]];

function show(...statuses: Statuses) {
  const next = sequence(...statuses);
  const or404 = <T extends { status: string }>(example: T) => {
    const status = next();
    return status === '404' ? notFound() : ({ status: 200, body: { ...example, status } } as const);
  };
  server.use(
    verdaHandlers.getInstance(({ example }) => or404(example)),
    verdaHandlers.getCluster(({ example }) => or404(example)),
    verdaHandlers.getVolume(({ example }) => or404(example)),
    verdaHandlers.getContainerDeploymentStatus(({ example }) => or404(example)),
    verdaHandlers.getJobDeploymentStatus(({ example }) => or404(example)),
  );
}

const good: [name: string, statuses: Statuses, wait: () => Promise<{ status: string } | undefined>][] = [
  ['an instance runs', ['ordered', 'provisioning', 'running'], () => waitForInstance(client, 'i', { clock })],
  ['a stopped instance runs', ['offline', 'running'], () => waitForInstance(client, 'i', { clock })],
  ['an instance is stopped', ['running', 'offline'], () => waitForInstance(client, 'i', { clock, until: 'stopped' })],
  ['an instance is gone', ['error', 'discontinued'], () => waitForInstance(client, 'i', { clock, until: 'gone' })],
  ['a cluster runs', ['provisioning', 'running'], () => waitForCluster(client, 'c', { clock })],
  ['a cluster is gone', ['deleting', 'discontinued'], () => waitForCluster(client, 'c', { clock, until: 'gone' })],
  ['a volume is ready', ['ordered', 'creating', 'detached'], () => waitForVolume(client, 'v', { clock })],
  ['a volume is attached', ['detached', 'attached'], () => waitForVolume(client, 'v', { clock, until: 'attached' })],
  ['a volume is in the trash', ['deleting', 'deleted'], () => waitForVolume(client, 'v', { clock, until: 'gone' })],
  [
    'a container deployment is healthy',
    ['initializing', 'image_pulling', 'unhealthy', 'healthy'],
    () => waitForContainerDeployment(client, 'd', { clock }),
  ],
  [
    'a container deployment is paused',
    ['healthy', 'paused'],
    () => waitForContainerDeployment(client, 'd', { clock, until: 'paused' }),
  ],
  ['a job deployment is ready', ['paused', 'ready'], () => waitForJobDeployment(client, 'j', { clock })],
  ['a job deployment with a job is ready', ['running'], () => waitForJobDeployment(client, 'j', { clock })],
];

test.each(good)('a wait resolves when %s', async (_, statuses, wait) => {
  show(...statuses);
  expect(await wait()).toMatchObject({ status: statuses.at(-1) });
});

const missing: [name: string, wait: () => Promise<unknown>][] = [
  ['an instance', () => waitForInstance(client, 'i', { clock, until: 'gone' })],
  ['a cluster', () => waitForCluster(client, 'c', { clock, until: 'gone' })],
  ['a volume', () => waitForVolume(client, 'v', { clock, until: 'gone' })],
  ['a container deployment', () => waitForContainerDeployment(client, 'd', { clock, until: 'gone' })],
  ['a job deployment', () => waitForJobDeployment(client, 'j', { clock, until: 'gone' })],
];

test.each(missing)('waiting for %s to be gone resolves when it is not found', async (_, wait) => {
  show('deleting', '404');
  expect(await wait()).toBeUndefined();
});

const bad: [name: string, status: string, wait: () => Promise<unknown>][] = [
  ['an instance without capacity', 'no_capacity', () => waitForInstance(client, 'i', { clock })],
  ['an instance in error', 'error', () => waitForInstance(client, 'i', { clock })],
  ['a deleted instance', 'discontinued', () => waitForInstance(client, 'i', { clock })],
  ['a cluster whose installation failed', 'installation_failed', () => waitForCluster(client, 'c', { clock })],
  ['a deleted volume', 'deleted', () => waitForVolume(client, 'v', { clock })],
  ['a deployment beyond its quota', 'quota_reached', () => waitForContainerDeployment(client, 'd', { clock })],
  ['a terminating job deployment', 'terminating', () => waitForJobDeployment(client, 'j', { clock })],
];

test.each(bad)('waiting for %s rejects as failed and warns about billing', async (_, state, wait) => {
  show('ordered', state);
  const waited = wait();
  await expect(waited).rejects.toMatchObject({ name: 'WaitError', code: 'failed', state, polls: 2 });
  await expect(waited).rejects.toThrow(/ may bill /);
});

test('the type of a wait includes undefined only for gone', () => {
  const running = () => waitForInstance(client, 'i', { until: 'running' });
  const gone = () => waitForInstance(client, 'i', { until: 'gone' });
  expectTypeOf(running).returns.resolves.toEqualTypeOf<Instance>();
  expectTypeOf(gone).returns.resolves.toEqualTypeOf<Instance | undefined>();
  // @ts-expect-error not a state to wait for
  expectTypeOf(waitForInstance).toBeCallableWith(client, 'i', { until: 'hibernated' });
});
