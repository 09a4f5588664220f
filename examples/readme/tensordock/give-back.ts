import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, createTensorDock } from '@gpu-clouds/tensordock';

const tensorDock = createTensorDock();

/** Servers whose name begins with `train-`; a stopped one that keeps its resources bills as well. */
async function ours(): Promise<string[]> {
  const { virtualmachines } = await tensorDock.listVirtualMachines();
  return Object.entries(virtualmachines).flatMap(([server, { name }]) => (name.startsWith('train-') ? [server] : []));
}

for (let left = await ours(); left.length > 0; left = await ours()) {
  for (const server of left) {
    await tensorDock.deleteVirtualMachine({ body: { server } }).catch((error: unknown) => {
      if (!ApiError.isInstance(error) || error.code !== 'not-found') throw error;
    });
  }
  await pause(1_000);
}
console.log('nothing is left');
