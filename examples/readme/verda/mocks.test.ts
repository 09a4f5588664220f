import { createVerda } from '@gpu-clouds/verda';
import { handlers, outOfCapacity, verdaHandlers } from '@gpu-clouds/verda/msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, test } from 'vitest';

const server = setupServer(...handlers()); // every operation answers with the document's example
beforeAll(() => server.listen());
afterAll(() => server.close());
const verda = createVerda({ clientId: 'id', clientSecret: 'secret' });

test('an instance that is not there yet has no address', async () => {
  server.use(
    verdaHandlers.getInstance(({ params, example }) => ({
      status: 200, // the compiler checks path, query, body and answer
      body: { ...example, id: params.instance_id, status: 'provisioning', ip: null },
    })),
  );
  expect(await verda.getInstance({ path: { instance_id: 'a' } })).toMatchObject({ id: 'a', ip: null });
});

test('a refusal for want of capacity made nothing', async () => {
  server.use(verdaHandlers.createInstance(outOfCapacity(), { once: true }));
  const body = { instance_type: '1V100.6V', image: 'ubuntu', hostname: 'a', description: 'a', location_code: 'FIN-01' };
  await expect(verda.createInstance({ body })).rejects.toMatchObject({ status: 503, mayHaveTakenEffect: false });
});
