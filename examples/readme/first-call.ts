import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { createSimulators } from '@gpu-clouds/simulators';

const { options } = createSimulators()['gpu-ai']; // without an account; with one, createGpuAi() is enough
console.log(await createGpuAi(options).listInstances());
