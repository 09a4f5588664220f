import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { gpuAiHandlers, handlers, outOfCapacity } from '@gpu-clouds/gpu-ai/msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, test } from 'vitest';

const server = setupServer(...handlers()); // every operation answers with the document's example
beforeAll(() => server.listen());
afterAll(() => server.close());
const gpuAi = createGpuAi({ apiKey: 'key' });

test('an operation that failed says why', async () => {
  server.use(
    gpuAiHandlers.getOperation(({ example }) => ({
      status: 200, // the compiler checks path, query, body and answer
      body: { ...example, state: 'failed', error: { code: 'no_capacity', detail: 'gone while it was booked' } },
    })),
  );
  expect(await gpuAi.getOperation({ path: { id: 'a' } })).toMatchObject({ error: { code: 'no_capacity' } });
});

test('a refusal for want of capacity made nothing', async () => {
  server.use(gpuAiHandlers.createInstance(outOfCapacity(), { once: true }));
  const body = { gpu_type: 'h100_sxm', gpu_count: 1, tier: 'on_demand' } as const;
  await expect(gpuAi.createInstance({ body })).rejects.toMatchObject({ mayHaveTakenEffect: false });
});
