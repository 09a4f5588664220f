import { setTimeout as pause } from 'node:timers/promises';
import { createTensorDock } from '@gpu-clouds/tensordock';
import { waitForInstance } from '@gpu-clouds/tensordock/waiters';

const tensorDock = createTensorDock();
const { hostnodes } = await tensorDock.listHostnodes({ query: { minVRAM: 80, minGPUCount: 1 } });
const offers = Object.entries(hostnodes).flatMap(([hostnode, { specs, networking }]) =>
  Object.entries(specs.gpu)
    .filter(([model, { amount }]) => model.startsWith('h100') && amount > 0 && networking.ports.length > 0)
    .map(([gpu_model, { price }]) => ({ hostnode, gpu_model, price, port: networking.ports[0] })),
);
const [cheapest] = offers.sort((a, b) => Number(a.price) - Number(b.price));
if (!cheapest) throw new Error('There is no H100 to be had.');

// A fleet can succeed after its answer was lost: the name tells what is ours.
const name = `train-${crypto.randomUUID().slice(0, 8)}`;
const { hostnode, gpu_model, port } = cheapest;
const ssh_key = process.env.SSH_PUBLIC_KEY ?? 'ssh-ed25519 AAAA… laptop';
try {
  const { server, ip } = await tensorDock.deployVirtualMachine({
    body: {
      name,
      hostnode,
      gpu_model,
      gpu_count: 1,
      vcpus: 8,
      ram: 32,
      storage: 100,
      ssh_key,
      operating_system: 'Ubuntu 22.04 LTS',
      external_ports: `{${port}}`,
      internal_ports: '{22}',
    },
  });
  await waitForInstance(tensorDock, server);
  console.log(`ssh -p ${port} user@${ip}`);
} finally {
  // Lists lag behind a create, and a delete may be refused or fail: only three looks that find nothing are the end.
  for (let looks = 0; looks < 3; looks += 1) {
    const { virtualmachines } = await tensorDock.listVirtualMachines();
    for (const [server, machine] of Object.entries(virtualmachines)) {
      if (machine.name !== name) continue;
      looks = -1;
      await tensorDock.deleteVirtualMachine({ body: { server } }).catch((error: unknown) => console.log(String(error)));
    }
    await pause(5_000);
  }
  console.log('given back');
}
