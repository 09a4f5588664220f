import { createSimulators, expectNothingLeft } from '@gpu-clouds/simulators';
import { createVerda } from '@gpu-clouds/verda';
import { expect, test, vi } from 'vitest';

test('an instance runs although a request fails, and nothing is left behind', async () => {
  await using sims = createSimulators({ bootSeconds: 0, faults: [{ kind: 'http-500', operation: 'getInstance' }] });
  const verda = createVerda(sims.verda.options);

  const order = { instance_type: '1V100.6V', image: 'ubuntu-24.04', location_code: 'FIN-01' } as const;
  const id = await verda.createInstance({ body: { ...order, hostname: 'mine', description: 'mine' } });
  expect((await verda.getInstance({ path: { instance_id: id } })).status).toBe('running'); // retried after the HTTP 500
  await verda.performInstanceAction({ body: { action: 'delete', id } });

  await vi.waitFor(() => expectNothingLeft(sims));
});
