import { ApiError, createGpuAi } from '@gpu-clouds/gpu-ai';

const gpuAi = createGpuAi();
const body = { name: 'train', gpu_type: 'rtx_4090', gpu_count: 1, tier: 'on_demand' } as const;

// Keep the key before you ask: with it, the same order can be given again after a crash without making a second machine.
const idempotencyKey = crypto.randomUUID();
try {
  await gpuAi.createInstance({ body }, { idempotencyKey, maxRetries: 0 });
} catch (error) {
  if (!ApiError.isInstance(error) || !error.mayHaveTakenEffect) throw error;
  console.log(`no answer (${error.code}), perhaps a machine`);
  await gpuAi.createInstance({ body }, { idempotencyKey }); // GPU.ai remembers it for 24 hours
}
for await (const instance of gpuAi.listInstances.items()) console.log(`one machine: ${instance.name}`);
