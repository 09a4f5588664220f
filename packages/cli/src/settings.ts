import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunStore } from '@gpu-clouds/jobs';
import { checkMasterSecret, namespaceFleet, type TemporalReader } from '@gpu-clouds/jobs/read';
import { CliError, exitCodes } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/** Returns the folder for local files: GPU_CLOUDS_HOME, or `.gpu-clouds` in the working directory. */
export function home(terminal: Terminal): string {
  return terminal.env.GPU_CLOUDS_HOME || '.gpu-clouds';
}

/** Returns the name of the fleet: GPU_CLOUDS_FLEET, or one that is derived from the Temporal namespace. @throws what {@link namedFleet} throws */
export async function fleetOf(
  terminal: Terminal,
  client: Pick<TemporalReader, 'workflowService' | 'options'>,
): Promise<string> {
  const { workflowService, options } = client;
  return (await namedFleet(terminal)) ?? (await namespaceFleet({ workflowService, namespace: options.namespace }));
}

/**
 * Returns the name of the fleet in GPU_CLOUDS_FLEET, if it is set.
 * @throws {CliError} when no fleet can have this name; a list of its runs would be empty although others bill
 */
export async function namedFleet(terminal: Pick<Terminal, 'env'>): Promise<string | undefined> {
  const fleet = terminal.env.GPU_CLOUDS_FLEET || undefined;
  if (fleet !== undefined) await checkFleet(fleet, 'GPU_CLOUDS_FLEET');
  return fleet;
}

/**
 * Checks the name of a fleet.
 * @param setting The variable or option that has it.
 * @throws {CliError} when no fleet can have this name
 */
export async function checkFleet(fleet: string, setting: string): Promise<void> {
  // A list of runs of the default fleet starts faster without it.
  const { fleetPrefix } = await import('@gpu-clouds/clouds/pure');
  try {
    fleetPrefix(fleet);
  } catch (error) {
    throw new CliError(`${setting} is "${fleet}": set it to 1 to 12 lower-case letters and digits.`, {
      cause: error,
      exitCode: exitCodes.usage,
    });
  }
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
