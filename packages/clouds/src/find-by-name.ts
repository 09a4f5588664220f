import type { CallOptions, Cloud, Instance, SshKey, Volume } from './cloud.ts';

/** All that one instance name names at one vendor. */
export interface Holdings {
  /** Instances that are not gone. */
  readonly instances: readonly Instance[];
  /** Public keys that the vendor keeps. */
  readonly keys: readonly SshKey[];
  /** Disks, attached or not. */
  readonly volumes: readonly Volume[];
  /** Instance names of job deployments. */
  readonly jobDeployments: readonly string[];
}

/**
 * What the vendor's lists show under the instance name. A list may lag behind a create whose answer was lost: look more than once
 * before concluding that there is nothing.
 */
export async function findByName(cloud: Cloud, name: string, options?: CallOptions): Promise<Holdings> {
  const [instances, keys, volumes, jobDeployments] = await Promise.all([
    cloud.listInstances(options),
    cloud.keys?.list(options) ?? [],
    cloud.volumes?.list(options) ?? [],
    cloud.jobs?.list(options) ?? [],
  ]);
  const named = (thing: { readonly name: string }) => thing.name === name;
  return {
    instances: instances.filter((instance) => named(instance) && instance.status !== 'gone'),
    keys: keys.filter(named),
    volumes: volumes.filter(named),
    jobDeployments: jobDeployments.filter((jobDeployment) => jobDeployment === name),
  };
}
