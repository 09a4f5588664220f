import { type Command, startReady } from '@gpu-clouds/dev';

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
export async function startSimulatorProcess(command: Command): Promise<SimulatorProcess> {
  const { ready, close } = await startReady('simulators', command);
  const listening = ready as Readonly<Record<string, Listening>>;
  return {
    baseUrls: Object.fromEntries(Object.entries(listening).map(([vendor, { baseUrl }]) => [vendor, baseUrl])),
    env: Object.assign({}, ...Object.values(listening).map(({ env }) => env)),
    stop: close,
  };
}
