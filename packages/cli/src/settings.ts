import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunStore } from '@gpu-clouds/jobs';
import { checkMasterSecret, namespaceFleet, type TemporalReader } from '@gpu-clouds/jobs/read';
import type { Terminal } from './terminal.ts';

/** Returns the folder for local files: GPU_CLOUDS_HOME, or `.gpu-clouds` in the working directory. */
export function home(terminal: Terminal): string {
  return terminal.env.GPU_CLOUDS_HOME || '.gpu-clouds';
}

/** Returns the name of the fleet: GPU_CLOUDS_FLEET, or one that is derived from the Temporal namespace. */
export async function fleetOf(
  terminal: Terminal,
  client: Pick<TemporalReader, 'workflowService' | 'options'>,
): Promise<string> {
  const { workflowService, options } = client;
  return namedFleet(terminal) ?? (await namespaceFleet({ workflowService, namespace: options.namespace }));
}

/** Returns the name of the fleet in GPU_CLOUDS_FLEET, if it is set. */
export function namedFleet(terminal: Pick<Terminal, 'env'>): string | undefined {
  return terminal.env.GPU_CLOUDS_FLEET || undefined;
}

/** Returns where the run store is: GPU_CLOUDS_RUNS, which is a folder or `s3://bucket/prefix`, or else the folder `runs` in {@link home}. */
export function runStoreLocation(terminal: Terminal): string {
  return terminal.env.GPU_CLOUDS_RUNS || join(home(terminal), 'runs');
}

/** Opens the run store at {@link runStoreLocation}. */
export async function runStore(terminal: Terminal): Promise<RunStore> {
  const { openRunStore } = await import('@gpu-clouds/jobs');
  return openRunStore(runStoreLocation(terminal), terminal.env);
}

/** Creates the folder for local files, which only this user can read. */
export async function makeHome(terminal: Terminal): Promise<void> {
  await mkdir(home(terminal), { recursive: true, mode: 0o700 });
  await chmod(home(terminal), 0o700);
}

/**
 * Returns the secret that the SSH keys of instances are derived from.
 * @throws {MasterSecretError} when GPU_CLOUDS_MASTER_SECRET is missing or too short
 */
export function masterSecret(terminal: Terminal): string {
  const secret = terminal.env.GPU_CLOUDS_MASTER_SECRET ?? '';
  checkMasterSecret(secret);
  return secret;
}
