import { setTimeout as pause } from 'node:timers/promises';
import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { waitForInstance, waitForOperation } from '@gpu-clouds/gpu-ai/waiters';

const gpuAi = createGpuAi();
const prices = (await gpuAi.listPricing.items().toArray()).filter(
  ({ gpu_type, tier, available }) => gpu_type.startsWith('h100') && tier === 'on_demand' && available > 0,
);
const [cheapest] = prices.sort((a, b) => a.price_per_hour - b.price_per_hour);
if (!cheapest) throw new Error('There is no H100 to be had.');

const { gpu_type, region, price_per_hour } = cheapest;
const name = `train-${crypto.randomUUID()}`; // what carries it is ours, whichever answer is lost
try {
  const operation = await gpuAi.createInstance({
    body: { name, gpu_type, region, gpu_count: 1, tier: 'on_demand', max_price_per_hour: price_per_hour },
  });
  const { resource_id } = await waitForOperation(gpuAi, operation.operation_id); // finding a machine can take 15 minutes
  if (!resource_id) throw new Error('GPU.ai did not say which instance it made.');
  const { connection } = await waitForInstance(gpuAi, resource_id, { onProgress: ({ state }) => console.log(state) });
  console.log(`${connection?.ssh_command} for $${price_per_hour} an hour`);
} finally {
  // Lists lag behind a create, and a delete may be refused or fail: only three looks that find nothing are the end.
  for (let looks = 0; looks < 3; looks += 1) {
    for await (const instance of gpuAi.listInstances.items()) {
      if (instance.name !== name || instance.status === 'terminated') continue;
      looks = -1;
      const path = { id: instance.id };
      await gpuAi.deleteInstance({ path }).catch((error: unknown) => console.log(String(error)));
    }
    await pause(5_000);
  }
  console.log('given back');
}
