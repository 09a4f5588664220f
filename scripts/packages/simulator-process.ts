import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface SimulatorProcess {
  /** Where each vendor's API is. */
  readonly baseUrls: Readonly<Record<string, string>>;
  /** The environment variables by which all four clients find the simulators, and get in. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Listening {
  readonly baseUrl: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts the simulators in a process of their own by a command that prints where they are. */
export async function startSimulatorProcess(command: string, args: readonly string[]): Promise<SimulatorProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const listening = JSON.parse(line) as Readonly<Record<string, Listening>>;
    return {
      baseUrls: Object.fromEntries(Object.entries(listening).map(([vendor, { baseUrl }]) => [vendor, baseUrl])),
      env: Object.assign({}, ...Object.values(listening).map(({ env }) => env)),
      stop: async () => {
        child.kill('SIGTERM');
        await exit;
      },
    };
  }
  throw new Error(`${command} ended before the simulators were ready`);
}
