import { createSimulators } from '@gpu-clouds/simulators';
import { createVerda } from '@gpu-clouds/verda';

const sims = createSimulators({
  seed: 7,
  bootSeconds: 0.2,
  faults: [{ kind: 'http-500', vendor: 'verda', operation: 'listInstances' }],
});
const endpoints = await sims.listen(); // { baseUrl, env } per vendor

const { baseUrl, env } = endpoints.verda;
const verda = createVerda({ baseUrl, clientId: env.VERDA_CLIENT_ID, clientSecret: env.VERDA_CLIENT_SECRET });
console.log(await verda.listInstances()); // the client retries after the HTTP 500

const { left, dollars } = sims.ledger(); // left: { instances: 0, keys: 0, volumes: 0, jobDeployments: 0 }
console.log(left, dollars);
await sims.close(); // ends every instance and removes its files
