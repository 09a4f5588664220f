import { type SpawnOptions, spawn } from 'node:child_process';

/** How a command ended. */
export interface Finished {
  readonly code: number;
  /** Its standard output and standard error. */
  readonly output: string;
}

/** Runs a command to its end. A command that does not exist ends with 127. */
export function runCommand(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
