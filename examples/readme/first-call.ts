import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { createSimulators } from '@gpu-clouds/simulators';

const { env, fetch } = createSimulators()['gpu-ai']; // without an account; with one, createGpuAi() is enough
console.log(await createGpuAi({ fetch, apiKey: env.GPU_AI_API_KEY }).listInstances());
