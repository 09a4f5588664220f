import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { simulatorHandlers } from './msw.ts';
import { createSimulators } from './simulators.ts';

const sims = createSimulators();
const server = setupServer(...simulatorHandlers(sims));

beforeAll(() => server.listen());
afterAll(() => server.close());

it('the MSW handlers serve the vendors’ real base URLs without a server', async () => {
  const health = await fetch('https://api.gpu.ai/v1/health');
  expect(await health.json()).toEqual({ status: 'ok' });
  const types = await fetch('https://api.verda.com/v1/instance-types');
  expect(types.status).toBe(200);
  const hosts = await fetch('https://marketplace.tensordock.com/api/v0/client/deploy/hostnodes');
  expect(await hosts.json()).toMatchObject({ success: true });
  expect((await fetch('https://vm.massedcompute.com/api/v1/instance')).status).toBe(401);
});

it('the MSW handlers turn a closed connection into a network error', async () => {
  await sims.faults.add({ kind: 'refuse', vendor: 'gpu-ai' });
  await expect(fetch('https://api.gpu.ai/v1/health')).rejects.toThrow(TypeError);
  expect((await fetch('https://api.gpu.ai/v1/health')).status).toBe(200);
});
