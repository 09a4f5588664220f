import { type Command, startReady } from '@gpu-clouds/dev';

export interface SimulatorProcess {
  /** URL of each vendor's API. */
  readonly baseUrls: Readonly<Record<string, string>>;
  /** Environment variables with the URLs and credentials for all four clients. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Listening {
  readonly baseUrl: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts the simulators in a separate process, with a command that prints their URLs. */
export async function startSimulatorProcess(command: Command): Promise<SimulatorProcess> {
  const { ready, close } = await startReady('simulators', command);
  const listening = ready as Readonly<Record<string, Listening>>;
  return {
    baseUrls: Object.fromEntries(Object.entries(listening).map(([vendor, { baseUrl }]) => [vendor, baseUrl])),
    env: Object.assign({}, ...Object.values(listening).map(({ env }) => env)),
    stop: close,
  };
}
