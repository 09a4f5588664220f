import type { Cloud } from '@gpu-clouds/clouds';
import type { FaultRule, Ledger } from '@gpu-clouds/simulators';

/** Control API of the simulators, which real clouds do not have. */
export interface Simulators {
  addFault(rule: FaultRule): Promise<void>;
  ledger(): Promise<Ledger>;
}

/**
 * Creates a client for the control API of the simulators.
 * @param baseUrls Base URL of each vendor. All of them share one fault plan and one ledger.
 */
export function simulatorControl(baseUrls: Readonly<Record<string, string>>): Simulators {
  const [anyUrl] = Object.values(baseUrls);
  if (anyUrl === undefined) throw new Error('no simulator is running');
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(new URL(path, anyUrl), init);
    if (!response.ok)
      throw new Error(`the simulators answered ${response.status} to ${path}: ${await response.text()}`);
    return response;
  };
  return {
    addFault: async (rule) => {
      await call('/_simulator/faults', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(rule),
      });
    },
    ledger: async () => (await (await call('/_simulator/ledger')).json()) as Ledger,
  };
}

/** Counts the instances, keys, volumes, and job deployments in the lists of all clouds. */
export async function listRemaining(clouds: Iterable<Cloud>) {
  const left = { instances: 0, keys: 0, volumes: 0, jobDeployments: 0 };
  for (const cloud of clouds) {
    left.instances += (await cloud.listInstances()).length;
    left.keys += (await cloud.keys?.list())?.length ?? 0;
    left.volumes += (await cloud.volumes?.list())?.length ?? 0;
    left.jobDeployments += (await cloud.jobs?.list())?.length ?? 0;
  }
  return left;
}
