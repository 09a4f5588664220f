import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, createTensorDock } from '@gpu-clouds/tensordock';

const tensorDock = createTensorDock();
type Fleet = Parameters<typeof tensorDock.deployVirtualMachine>[0]['body'];

/** Deploys once, and finds the machine by its name where the answer is lost. Calls of more than 12 s are normal here. */
async function deployOnce(body: Fleet): Promise<string> {
  try {
    return (await tensorDock.deployVirtualMachine({ body })).server;
  } catch (error) {
    if (!ApiError.isInstance(error) || !error.mayHaveTakenEffect) throw error;
    for (let look = 0; look < 10; look += 1) {
      const { virtualmachines } = await tensorDock.listVirtualMachines();
      const found = Object.entries(virtualmachines).find(([, { name }]) => name === body.name);
      if (found) return found[0];
      await pause(6_000); // lists lag behind
    }
    throw error;
  }
}

const { hostnodes } = await tensorDock.listHostnodes({ query: { minGPUCount: 1 } });
const [host] = Object.entries(hostnodes);
if (!host) throw new Error('No host has a GPU free.');
const [hostnode, { specs }] = host;
const size = { gpu_count: 1, vcpus: 4, ram: 16, storage: 50, operating_system: 'Ubuntu 22.04 LTS' };
const server = await deployOnce({
  name: 'train-7',
  hostnode,
  gpu_model: Object.keys(specs.gpu)[0] ?? '',
  ...size,
  ssh_key: process.env.SSH_PUBLIC_KEY ?? 'ssh-ed25519 AAAA… laptop',
});
console.log(`found ${server}`);
