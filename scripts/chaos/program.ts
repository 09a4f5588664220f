import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** A Node program of this workspace that prints one line of JSON when it is ready, and ends with us, however we end. */
export interface Program {
  readonly pid: number;
  readonly ready: unknown;
  readonly running: boolean;
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** @param log File that all it says is appended to. @throws Error when it ends before it is ready */
export async function startProgram(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  log: string,
): Promise<Program> {
  const child = spawn(process.execPath, [file, ...args], {
    env,
    // The channel closes when this process ends, SIGKILL included; the program then stops by itself.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C must reach us only: we stop them in order.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const said = createWriteStream(log, { flags: 'a' });
  child.stderr?.pipe(said, { end: false });
  child.stdout?.pipe(said, { end: false });
  void exited.then(() => said.end());
  const ready = await Promise.race([firstLine(child), exited.then(() => undefined)]);
  if (ready === undefined || child.pid === undefined) throw new Error(`${file} did not start: ${log} says why.`);
  return {
    pid: child.pid,
    ready: JSON.parse(ready),
    get running() {
      return child.exitCode === null && child.signalCode === null;
    },
    async stop(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  const [text]: unknown[] = await once(createInterface({ input: child.stdout }), 'line');
  return typeof text === 'string' ? text : undefined;
}
