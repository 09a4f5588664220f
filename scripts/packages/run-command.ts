import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Thrown when a command fails. The message contains the last 40 lines of its output. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** Standard output and standard error. */
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

/**
 * Runs a command and returns its standard output.
 * @throws {CommandError} If it cannot be started, or its exit code is not 0.
 */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let out = '';
  let all = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    all += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    all += text;
  });
  const line = [command, ...args].join(' ');
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new CommandError(`${line}: ${error.message}`, '')));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new CommandError(`${line} ended with ${signal ?? code}:\n${lastLines(all, 40)}`, all));
    });
  });
}

const lastLines = (text: string, count: number) => text.trimEnd().split('\n').slice(-count).join('\n');
