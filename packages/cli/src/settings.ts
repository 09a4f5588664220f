import { join } from 'node:path';
import { openRuns, type RunStore } from '@gpu-clouds/jobs';
import { CliError } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/** Where this command keeps what it keeps: GPU_CLOUDS_HOME, or `.gpu-clouds` in the working directory. */
export function home(terminal: Terminal): string {
  return terminal.env.GPU_CLOUDS_HOME || '.gpu-clouds';
}

/** Whose instances are ours: GPU_CLOUDS_FLEET, or `default`. */
export function fleet(terminal: Terminal): string {
  return namedFleet(terminal) ?? 'default';
}

/** The fleet that somebody chose a name for. Only such a one is cleaned up unasked: another Temporal may serve a `default` too. */
export function namedFleet(terminal: Terminal): string | undefined {
  return terminal.env.GPU_CLOUDS_FLEET || undefined;
}

/** Where output and files of runs are: GPU_CLOUDS_RUNS, a folder or `s3://bucket/prefix`; else `runs` in {@link home}. */
export function runStore(terminal: Terminal): Promise<RunStore> {
  return openRuns(terminal.env.GPU_CLOUDS_RUNS || join(home(terminal), 'runs'), terminal.env);
}

/** What the instances' SSH keys are derived from. */
export function masterSecret(terminal: Terminal): string {
  const secret = terminal.env.GPU_CLOUDS_MASTER_SECRET;
  if (secret !== undefined && secret.length >= 16) return secret;
  throw new CliError(
    'Set GPU_CLOUDS_MASTER_SECRET to a random text of 16 or more characters, the same for all workers of the fleet: SSH keys are derived from it.',
  );
}
