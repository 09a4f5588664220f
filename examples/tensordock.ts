// Lists the free GPUs of TensorDock's hosts, and counts the running instances of the account. Needs TENSORDOCK_API_KEY and TENSORDOCK_API_TOKEN.
import { createTensorDock } from '@gpu-clouds/tensordock';

const tensorDock = createTensorDock();
const { hostnodes } = await tensorDock.listHostnodes({ query: { minGPUCount: 1 } });
for (const { location, specs } of Object.values(hostnodes)) {
  for (const [model, { amount, price }] of Object.entries(specs.gpu)) {
    console.log(`${amount} × ${model} in ${location.city} at $${price} an hour each, without CPU and memory`);
  }
}

const { virtualmachines } = await tensorDock.listVirtualMachines();
console.log(`${Object.keys(virtualmachines).length} machines are running`);
