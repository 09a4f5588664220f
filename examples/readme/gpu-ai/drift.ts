import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { validated } from '@gpu-clouds/gpu-ai/validate';

const gpuAi = createGpuAi({ fetch: validated(undefined, { onDrift: (drift) => console.warn(drift) }) });
for await (const { gpu_type } of gpuAi.listGpuTypes.items()) console.log(gpu_type);
