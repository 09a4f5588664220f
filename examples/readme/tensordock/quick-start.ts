import { createTensorDock } from '@gpu-clouds/tensordock';
import { rawClient } from '@gpu-clouds/tensordock/raw';

const tensorDock = createTensorDock(); // TENSORDOCK_API_KEY and TENSORDOCK_API_TOKEN, or createTensorDock({ apiKey, apiToken })
const { virtualmachines } = await tensorDock.listVirtualMachines();
for (const [server, { name, status }] of Object.entries(virtualmachines)) console.log(server, name, status);

const { data, error } = await rawClient(tensorDock).GET('/api/v0/client/deploy/hostnodes'); // plain openapi-fetch
console.log(data?.success, error);
