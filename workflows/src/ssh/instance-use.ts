import { queryGpus } from './gpu-query.ts';
import { readGpus } from './gpu-readings.ts';
import type { SshSession } from './ssh-session.ts';

/** What can be seen of the use of an instance at one moment. */
export interface InstanceUse {
  /** SSH connections besides the worker's own: shells, commands, copies, and tunnels. */
  readonly logins: number;
  /** Utilization of each GPU in percent. Undefined where `nvidia-smi` does not say. */
  readonly gpus: readonly (number | undefined)[];
  /** Load average of the last minute, divided by the number of processors. */
  readonly loadPerCore: number;
}

/** Milliseconds. `nvidia-smi` is ended before. */
const silenceMs = 60_000;
/** Seconds. */
const mostOfWarning = 10;
/** Characters of a process that are read: the title of an SSH connection is short. */
const mostOfProcess = 200;

/**
 * The title of a process of sshd that serves somebody who has logged in: `sshd: root@pts/0`, `sshd: root@notty`, or `sshd: root` for a tunnel, as
 * OpenSSH sets it; `sshd-session` since 9.8. Those of the listener and of logins that have not succeeded have brackets.
 */
const login = /^sshd(?:-session)?: [^\s[]+$/;

/** The processes begin with this shell, so that its own connection is known. */
const script = `
LC_ALL=C; export LC_ALL
echo "self $$"
ps -eo pid=,ppid=,args= | cut -c 1-${mostOfProcess} | sed 's/^/process /'
uptime
echo "cores $(nproc --all)"
${queryGpus}`;

/**
 * Asks an instance who uses it.
 * @returns Undefined if it does not say all of it, for example because it has no `ps`, or because SSH is not OpenSSH.
 */
export async function askUse(session: SshSession, gpuCount: number): Promise<InstanceUse | undefined> {
  const { stdout } = await session.exec(script, { silenceMs });
  return useIn(stdout, gpuCount);
}

/** Reads the answer of the script. */
export function useIn(answer: string, gpuCount: number): InstanceUse | undefined {
  const lines = answer.split('\n');
  const first = (pattern: RegExp) => lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
  const logins = foreignLogins(lines, Number(first(/^self (\d+)$/)));
  const load = Number(first(/ load average: (\d+\.\d+),/));
  const cores = Number(first(/^cores (\d+)$/));
  const gpus = lines.flatMap((line) => readGpus(line)).map(({ utilization }) => utilization);
  if (logins === undefined || !(load >= 0) || !(cores > 0) || gpus.length < gpuCount) return undefined;
  return { logins, gpus, loadPerCore: load / cores };
}

/** Returns undefined if the connection of the process itself is not there: others may be hidden too. */
function foreignLogins(lines: readonly string[], self: number): number | undefined {
  const processes = new Map(lines.flatMap(processIn));
  const logins = new Set([...processes].filter(([, { title }]) => login.test(title)).map(([pid]) => pid));
  const count = logins.size;
  // Each process once: what an instance says may lead in a circle.
  for (let pid: number | undefined = self; pid !== undefined; ) {
    const parent: number | undefined = processes.get(pid)?.parent;
    logins.delete(pid);
    processes.delete(pid);
    pid = parent;
  }
  return logins.size === count ? undefined : logins.size;
}

function processIn(line: string): readonly (readonly [number, { readonly parent: number; readonly title: string }])[] {
  const [, pid, parent, title = ''] = /^process +(\d+) +(\d+) (.*)$/.exec(line) ?? [];
  return pid === undefined ? [] : [[Number(pid), { parent: Number(parent), title: title.trim() }]];
}

/** Shows a message on all terminals of the instance, if it has `wall`. A terminal that takes nothing does not hold it up. */
export async function warnTerminals(session: SshSession, message: string): Promise<void> {
  await session.exec(`timeout -s KILL ${mostOfWarning} wall`, { stdin: `${message}\n`, silenceMs });
}
