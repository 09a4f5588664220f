import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** Environment variable that marks the processes of a simulated instance. */
export const instanceMarker = 'GPUC_SIM_INSTANCE';

/**
 * Returns the value of {@link instanceMarker}. It includes the simulators' folder, because ids repeat for the same
 * seed.
 */
export function markerOf(instance: string, home: string): string {
  return `${instance}@${basename(dirname(dirname(home)))}`;
}

/**
 * Kills every process of an instance, including those that left their session.
 * @param groups process groups that the instance started. Without `/proc`, only these are killed.
 */
export async function killAll(instance: string, home: string, groups: ReadonlySet<number>): Promise<void> {
  for (const group of groups) kill(-group);
  // A process may fork while the list is read, so repeat until none is left.
  for (let round = 0; round < 50; round++) {
    const found = await processesOf(instance, home);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

/** Returns the ids of processes that have the marker in their environment or whose working folder is in `home`. */
export async function processesOf(instance: string, home: string): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const belongs = await Promise.all(pids.map((pid) => belongsTo(pid, instance, home)));
  return pids.filter((pid, index) => belongs[index] === true && pid !== process.pid);
}

async function belongsTo(pid: number, instance: string, home: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  if (environment.split('\0').includes(`${instanceMarker}=${markerOf(instance, home)}`)) return true;
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  return folder === home || folder.startsWith(`${home}/`);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended.
  }
}
