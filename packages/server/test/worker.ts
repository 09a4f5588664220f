// A worker for the tests, with the environment of the local stack.
import { createClouds } from '@gpu-clouds/clouds';
import { openRunStore } from '@gpu-clouds/jobs';
import { runWorker } from '@gpu-clouds/workflows';

const { GPU_CLOUDS_FLEET: fleet, GPU_CLOUDS_RUNS = '', GPU_CLOUDS_MASTER_SECRET: masterSecret = '' } = process.env;
await runWorker({
  clouds: createClouds().clouds,
  fleet,
  masterSecret,
  runs: await openRunStore(GPU_CLOUDS_RUNS),
  onReady: () => console.log('{"ready":true}'),
});
