import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** Environment variable by which the processes of a simulated machine are known. */
export const instanceMarker = 'GPUC_SIM_INSTANCE';

/** The marker's value. Simulators of one seed give the same ids: the folder, which is theirs alone, tells their machines apart. */
export function markerOf(instance: string, home: string): string {
  return `${instance}@${basename(dirname(dirname(home)))}`;
}

/**
 * Kills every process of a machine, those that left their session included.
 * @param groups process groups that the machine started: all that is known where there is no `/proc`
 */
export async function killAll(instance: string, home: string, groups: ReadonlySet<number>): Promise<void> {
  for (const group of groups) kill(-group);
  // A process may fork while the list is read: until nobody is found.
  for (let round = 0; round < 50; round++) {
    const found = await processesOf(instance, home);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

/** Those that carry the marker in their environment, or whose working folder is in the machine's home. */
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
    // Gone already.
  }
}
