import { createVerda } from '@gpu-clouds/verda';
import { rawClient } from '@gpu-clouds/verda/raw';

const verda = createVerda(); // VERDA_CLIENT_ID and VERDA_CLIENT_SECRET, or createVerda({ clientId, clientSecret })
for (const { hostname, status } of await verda.listInstances()) console.log(hostname, status);

const { data, error } = await rawClient(verda).GET('/v1/balance'); // plain openapi-fetch, same credentials and retries
console.log(data?.amount, error?.message);
