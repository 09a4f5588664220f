import { createClouds } from '@gpu-clouds/clouds';
import { runWorker } from '@gpu-clouds/workflows';

await runWorker({ clouds: createClouds().clouds, masterSecret: process.env.GPU_CLOUDS_MASTER_SECRET ?? '' });
