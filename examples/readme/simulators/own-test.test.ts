import { createManualClock, createSimulators, expectNothingLeft } from '@gpu-clouds/simulators';
import { createVerda } from '@gpu-clouds/verda';
import { expect, test } from 'vitest';

test('an instance runs after it has booted, and leaves nothing behind', async () => {
  const clock = createManualClock();
  const sims = createSimulators({ clock, bootSeconds: 30, faults: [{ kind: 'http-500', operation: 'getInstance' }] });
  const { VERDA_CLIENT_ID: clientId, VERDA_CLIENT_SECRET: clientSecret } = sims.verda.env;
  const verda = createVerda({ clientId, clientSecret, fetch: (request) => sims.verda.fetch(request) });

  const order = { instance_type: '1V100.6V', image: 'ubuntu-24.04', location_code: 'FIN-01' } as const;
  const id = await verda.createInstance({ body: { ...order, hostname: 'mine', description: 'mine' } });
  await clock.advance(30);
  expect((await verda.getInstance({ path: { instance_id: id } })).status).toBe('running'); // retried after the HTTP 500
  await verda.performInstanceAction({ body: { action: 'delete', id } });
  await clock.advance(60);
  expectNothingLeft(sims);
});
