import type { CallOptions, Cloud, Instance, SshKey, Volume } from './cloud.ts';

/** All that one label names at one vendor. */
export interface Holdings {
  /** Machines that are not gone. */
  readonly instances: readonly Instance[];
  /** Public keys that the vendor keeps. */
  readonly keys: readonly SshKey[];
  /** Disks, attached or not. */
  readonly volumes: readonly Volume[];
  /** Labels of job deployments. */
  readonly deployments: readonly string[];
}

/**
 * What the vendor's lists show under the label. A list may lag behind a create whose answer was lost: look more than once
 * before concluding that there is nothing.
 */
export async function findByLabel(cloud: Cloud, label: string, options?: CallOptions): Promise<Holdings> {
  const [instances, keys, volumes, deployments] = await Promise.all([
    cloud.listInstances(options),
    cloud.keys?.list(options) ?? [],
    cloud.volumes?.list(options) ?? [],
    cloud.jobs?.list(options) ?? [],
  ]);
  const named = (thing: { readonly label: string }) => thing.label === label;
  return {
    instances: instances.filter((instance) => named(instance) && instance.status !== 'gone'),
    keys: keys.filter(named),
    volumes: volumes.filter(named),
    deployments: deployments.filter((name) => name === label),
  };
}
