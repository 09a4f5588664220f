// A worker with short timeouts that the chaos test kills. It reads settings and clouds from the environment.
import { existsSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { createClouds } from '@gpu-clouds/clouds';
import { localRunStore, type RunStore, RunStoreError } from '@gpu-clouds/jobs';
import { runWorker } from '@gpu-clouds/workflows';
import { shiftClock } from './shift-clock.ts';
import { timing } from './timing.ts';

const { TEMPORAL_ADDRESS, CHAOS_RUNS, CHAOS_BUNDLE, CHAOS_FLEET, GPU_CLOUDS_MASTER_SECRET } = process.env;
if (!TEMPORAL_ADDRESS || !CHAOS_RUNS || !CHAOS_BUNDLE || !CHAOS_FLEET || !GPU_CLOUDS_MASTER_SECRET) {
  throw new Error('This program needs the environment of "pnpm chaos". Run that command instead.');
}
// By default the cache is written at exit, but most workers are killed.
flushCompileCache();
shiftClock(Number(process.env.CHAOS_CLOCK_OFFSET_MS ?? 0));
await runWorker({
  address: TEMPORAL_ADDRESS,
  clouds: createClouds().clouds,
  fleet: CHAOS_FLEET,
  masterSecret: GPU_CLOUDS_MASTER_SECRET,
  runs: failingWhile(process.env.CHAOS_DISK_FULL ?? '', localRunStore(CHAOS_RUNS)),
  timing,
  activitiesPerSecond: 50,
  workflowBundle: { codePath: CHAOS_BUNDLE },
  shutdownGraceMs: 1000,
  logLevel: 'INFO',
  onReady: () => process.stdout.write(`${JSON.stringify({ ready: true })}\n`),
});
process.exit(0);

/** Returns a store that fails to write while a file exists. */
function failingWhile(file: string, store: RunStore): RunStore {
  const checkDisk = () => {
    if (existsSync(file))
      throw new RunStoreError('The run store cannot write: no space left on device. Free some space.');
  };
  return {
    ...store,
    async check() {
      checkDisk();
      await store.check();
    },
    async writeOutput(...write) {
      checkDisk();
      await store.writeOutput(...write);
    },
    async putFile(...put) {
      checkDisk();
      await store.putFile(...put);
    },
  };
}
