import { createMassedCompute } from '@gpu-clouds/massed-compute';
import { handlers, insufficientFunds, massedComputeHandlers } from '@gpu-clouds/massed-compute/msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, test } from 'vitest';

const server = setupServer(...handlers()); // every operation answers with the document's example
beforeAll(() => server.listen());
afterAll(() => server.close());
const massed = createMassedCompute({ token: 'token' });
const body = { imageId: 16, productName: 'gpu_1x_l40', regionName: 'any' };

test('a launch answers a uuid', async () => {
  server.use(
    massedComputeHandlers.launchInstance(async (call) => ({
      status: 202, // the compiler checks path, query, body and answer
      body: { response: `${(await call.body()).productName}-uuid` },
    })),
  );
  expect(await massed.launchInstance({ body })).toEqual({ response: 'gpu_1x_l40-uuid' });
});

test('a launch without funds made nothing', async () => {
  server.use(massedComputeHandlers.launchInstance(insufficientFunds(), { once: true }));
  await expect(massed.launchInstance({ body })).rejects.toMatchObject({
    code: 'funds',
    mayHaveTakenEffect: false,
  });
});
