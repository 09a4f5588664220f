import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CliError } from '../cli-error.ts';

/** A Node program that ends with us, and says on its standard output, as one line of JSON, that it is ready. */
export interface ReadyChild {
  readonly pid: number;
  /** The line, parsed. */
  readonly ready: unknown;
  /** Resolves when the process has ended, however. */
  readonly exited: Promise<void>;
  /** Sends the signal and waits for the end, which is forced after half a minute. Safe on a process that has ended. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** A worker takes up to ten seconds to let go of what it does. */
const patienceMs = 30_000;

/**
 * Starts a Node program in a process group of its own, so that Ctrl-C reaches only us and we stop it in order.
 * @throws CliError with the program's last words when it ends before it is ready
 */
export async function startChild(
  name: string,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<ReadyChild> {
  const child = spawn(process.execPath, [...process.execArgv, ...argv], {
    env,
    // The channel closes when this process ends, SIGKILL included; the program then stops by itself.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const lastWords = lastLines(child, 5);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = await Promise.race([firstLine(child), exited.then(() => undefined)]);
  if (ready === undefined || child.pid === undefined) {
    throw new CliError(`The ${name} did not start: ${lastWords.at(-1) ?? 'it said nothing'}`);
  }
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await exited;
    clearTimeout(late);
  };
  return { pid: child.pid, ready: JSON.parse(ready), exited, stop };
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  const [text]: unknown[] = await once(createInterface({ input: child.stdout }), 'line');
  return typeof text === 'string' ? text : undefined;
}

/** The last lines of its standard error, growing. */
function lastLines(child: ChildProcess, most: number): readonly string[] {
  const lines: string[] = [];
  if (child.stderr === null) return lines;
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (lines.length > most) lines.shift();
  });
  return lines;
}
