import type { InstanceFacts } from '@gpu-clouds/jobs/contract';
import type { ReadyInstance } from '../activities/contract.ts';

/** Returns how to reach an instance, once SSH has answered. */
export function readyInstance({ instanceName, ssh, hostKey, secretId }: InstanceFacts): ReadyInstance | undefined {
  return ssh === undefined || hostKey === undefined ? undefined : { instanceName, ssh, hostKey, secretId };
}
