import { runWorker } from '@gpu-clouds/workflows/worker';
import { configuredClouds } from '../clouds.ts';
import { deployment, masterSecret, runStore } from '../settings.ts';
import { temporalAddress } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface WorkerOptions {
  readonly json?: boolean;
}

/** Serves this deployment's jobs until the terminal says stop; then lets go of what it does, for another worker to go on with. */
export async function worker(options: WorkerOptions, terminal: Terminal): Promise<void> {
  const clouds = configuredClouds(terminal);
  await runWorker({
    ...temporalAddress(terminal),
    clouds,
    deployment: deployment(terminal),
    runs: runStore(terminal),
    masterSecret: masterSecret(terminal),
    secrets: (name) => terminal.env[name],
    signal: terminal.signal,
    onReady: () => {
      const ready = { ready: true, pid: process.pid, deployment: deployment(terminal), clouds: [...clouds.keys()] };
      terminal.out(
        options.json ? JSON.stringify(ready) : `worker ready for ${ready.clouds.join(', ')}; Ctrl-C stops it`,
      );
    },
  });
}
