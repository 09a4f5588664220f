import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type { Harness } from './harness.ts';

/** Starts a worker on the simulated clouds in a process of its own, to be killed. @param env With the clouds' credentials. */
export function startCloudWorker({ server, folder }: Harness, env: NodeJS.ProcessEnv): ChildProcess {
  const program = fileURLToPath(new URL('./cloud-worker-process.ts', import.meta.url));
  const args = [program, server.address, join(folder, 'runs'), inject('workflowBundle')];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
}
