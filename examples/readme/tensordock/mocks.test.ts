import { createTensorDock } from '@gpu-clouds/tensordock';
import { failure, handlers, outOfCapacity, tensorDockHandlers } from '@gpu-clouds/tensordock/msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, test } from 'vitest';

const server = setupServer(...handlers()); // every operation answers with the document's example
beforeAll(() => server.listen());
afterAll(() => server.close());
const tensorDock = createTensorDock({ apiKey: 'key', apiToken: 'token' });

test('a failure on a 200 is thrown in the words of the vendor', async () => {
  server.use(tensorDockHandlers.deleteVirtualMachine(failure('Server is locked')));
  await expect(tensorDock.deleteVirtualMachine({ body: { server: 'a' } })).rejects.toThrow('Server is locked');
});

test('a refusal for want of capacity made nothing', async () => {
  server.use(tensorDockHandlers.deployVirtualMachine(outOfCapacity(), { once: true }));
  const size = { gpu_count: 1, vcpus: 4, ram: 16, storage: 50, operating_system: 'Ubuntu 22.04 LTS' };
  await expect(tensorDock.deployVirtualMachine({ body: { name: 'a', ...size } })).rejects.toMatchObject({
    mayHaveTakenEffect: false,
  });
});
