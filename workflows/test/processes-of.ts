import { readdir, readFile } from 'node:fs/promises';

/** The processes of an instance of the tests: those that have its home folder in their environment. */
export async function processesOf(home: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')));
  const own = pids.filter((_, index) => environments[index]?.split('\0').includes(`HOME=${home}`));
  return own.map(Number);
}

export async function killProcessesOf(home: string): Promise<void> {
  for (const pid of await processesOf(home)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}
