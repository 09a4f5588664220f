/** A whole worker, to be killed. Arguments: address, folder of runs, workflow bundle. Clouds: from the environment. */
import { createClouds } from '@gpu-clouds/clouds';
import { localRunStore } from '@gpu-clouds/jobs';
import { runWorker } from '../src/worker/index.ts';

const [address, folder, codePath] = process.argv.slice(2);
if (address === undefined || folder === undefined || codePath === undefined)
  throw new Error('three arguments are needed');
await runWorker({
  address,
  clouds: createClouds().clouds,
  fleet: 'default',
  masterSecret: 'a master secret of the tests',
  runs: localRunStore(folder),
  timing: { consistencyWindowMs: 3000, pollIntervalMs: 500, watchIntervalMs: 500 },
  workflowBundle: { codePath },
  logLevel: 'ERROR',
});
