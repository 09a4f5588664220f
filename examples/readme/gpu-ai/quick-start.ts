import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { rawClient } from '@gpu-clouds/gpu-ai/raw';

const gpuAi = createGpuAi(); // GPU_AI_API_KEY, or createGpuAi({ apiKey })
for await (const { gpu_type, region, price_per_hour } of gpuAi.listPricing.items())
  console.log(gpu_type, region, price_per_hour);

const { data, error } = await rawClient(gpuAi).GET('/instances'); // plain openapi-fetch, same credentials and retries
console.log(data?.data.length, error?.detail);
