import { createGpuAi } from '@gpu-clouds/gpu-ai';
import type { Adapter } from '../adapter.ts';
import { gpuAiFailures } from './failures.ts';
import { gpuAiCloud } from './gpu-ai-cloud.ts';

export const adapter: Adapter = {
  failures: gpuAiFailures,
  create: ({ variable, client, clock }) =>
    gpuAiCloud(createGpuAi({ ...client, apiKey: variable('GPU_AI_API_KEY') }), { clock }),
};
