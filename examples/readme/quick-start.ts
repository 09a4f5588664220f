import { createVerda } from '@gpu-clouds/verda';

const verda = createVerda(); // VERDA_CLIENT_ID, VERDA_CLIENT_SECRET
for (const instance of await verda.listInstances()) console.log(instance.id, instance.status);
