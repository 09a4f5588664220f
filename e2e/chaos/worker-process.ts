// A worker with short timeouts that the chaos test kills. It reads settings and clouds from the environment.
import { flushCompileCache } from 'node:module';
import { createClouds } from '@gpu-clouds/clouds';
import { localRunStore } from '@gpu-clouds/jobs';
import { runWorker } from '@gpu-clouds/workflows';
import { timing } from './timing.ts';

const { TEMPORAL_ADDRESS, CHAOS_RUNS, CHAOS_BUNDLE, CHAOS_FLEET, GPU_CLOUDS_MASTER_SECRET } = process.env;
if (!TEMPORAL_ADDRESS || !CHAOS_RUNS || !CHAOS_BUNDLE || !CHAOS_FLEET || !GPU_CLOUDS_MASTER_SECRET) {
  throw new Error('This program needs the environment of "pnpm chaos". Run that command instead.');
}
// By default the cache is written at exit, but most workers are killed.
flushCompileCache();
const perSecond = 50;
await runWorker({
  address: TEMPORAL_ADDRESS,
  clouds: createClouds().clouds,
  fleet: CHAOS_FLEET,
  masterSecret: GPU_CLOUDS_MASTER_SECRET,
  runs: localRunStore(CHAOS_RUNS),
  timing,
  activitiesPerSecond: { 'gpu-ai': perSecond, 'massed-compute': perSecond, tensordock: perSecond, verda: perSecond },
  workflowBundle: { codePath: CHAOS_BUNDLE },
  shutdownGraceMs: 1000,
  logLevel: 'INFO',
  onReady: () => process.stdout.write(`${JSON.stringify({ ready: true })}\n`),
});
process.exit(0);
