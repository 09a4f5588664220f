import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '@gpu-clouds/dev';
import { FileSource } from '../chaos/file-source.ts';
import { features } from './features.ts';
import { measureFeatures, startReceiver } from './measure.ts';
import { reportOf } from './report.ts';

/** The command as installed for users. */
const gpuClouds = join(import.meta.dirname, '..', 'node_modules', '.bin', 'gpu-clouds');

/** Measures all features on a local stack of their own, and returns `benchmarks/job-features.md`. */
export async function jobFeaturesReport(log: (line: string) => void): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'gpu-clouds-features-'));
  const receiver = await startReceiver();
  const source = await FileSource.start(home);
  const env = {
    ...process.env,
    ...source.settings,
    PATH: `${source.programs}:${process.env.PATH}`,
    NOTIFY_URL: receiver.url,
    GPU_CLOUDS_JOB_SECRETS: 'NOTIFY_URL',
    GPU_CLOUDS_NOTIFY_PRIVATE: '1',
  };
  try {
    const stack = await startStack({ env, home, worker: [gpuClouds, 'worker', '--json'], log });
    try {
      return reportOf(await measureFeatures({ stack, source }, features, log));
    } finally {
      await stack.close();
    }
  } finally {
    receiver.close();
    source.close();
    await rm(home, { recursive: true, force: true });
  }
}
