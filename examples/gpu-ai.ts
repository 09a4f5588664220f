// Rents the cheapest single GPU of GPU.ai, waits until it exists, and gives it back. Needs GPU_AI_API_KEY.
import { createGpuAi } from '@gpu-clouds/gpu-ai';

const gpuAi = createGpuAi();
const prices = [];
for await (const price of gpuAi.listPricing.items()) {
  if (price.tier === 'on_demand' && price.available > 0) prices.push(price);
}
const [cheapest] = prices.sort((a, b) => a.price_per_hour - b.price_per_hour);
if (cheapest === undefined) throw new Error('GPU.ai has nothing in stock');

const { gpu_type, region, price_per_hour } = cheapest;
// If any step after the create fails, the instance with this name is still released.
const name = `example-${crypto.randomUUID()}`;
try {
  let operation = await gpuAi.createInstance({
    body: { gpu_type, region, gpu_count: 1, tier: 'on_demand', max_price_per_hour: price_per_hour, name },
  });
  while (operation.resource_id == null && operation.state !== 'failed') {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    operation = await gpuAi.getOperation({ path: { id: operation.operation_id } });
  }
  if (operation.resource_id == null) throw new Error(`GPU.ai made no instance: ${operation.error?.detail}`);
  const { status } = await gpuAi.getInstance({ path: { id: operation.resource_id } });
  console.log(`rented a ${gpu_type} in ${region} at $${price_per_hour} an hour: ${status}`);
} finally {
  for await (const instance of gpuAi.listInstances.items()) {
    if (instance.name !== name || instance.status === 'terminated') continue;
    await gpuAi.deleteInstance({ path: { id: instance.id } });
    console.log('and gave it back');
  }
}
