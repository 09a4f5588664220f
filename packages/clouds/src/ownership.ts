import type { CallOptions, Cloud, Instance, SshKey, Volume } from './cloud.ts';
import { CloudError } from './cloud-error.ts';

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

/** How much of it there is. */
export interface HoldingCounts {
  /** Number of machines. */
  readonly instances: number;
  /** Number of keys. */
  readonly keys: number;
  /** Number of disks. */
  readonly volumes: number;
  /** Job deployments. */
  readonly deployments: number;
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

/**
 * One step of tearing down all that the label names: asks for each thing to be deleted and answers how much the vendor's lists
 * showed before. Call it again, after a pause, until it answers zero everywhere: a deletion that was accepted is no deletion yet.
 * @throws CloudError when something could not be asked for, after everything else was. A vendor that is merely not ready to
 * delete (`conflict`) is no error here; what it holds is counted.
 */
export async function destroyEverything(cloud: Cloud, label: string, options?: CallOptions): Promise<HoldingCounts> {
  const { instances, keys, volumes, deployments } = await findByLabel(cloud, label, options);
  const alive = new Set(instances.map(({ id }) => id));
  const detached = volumes.filter(({ instanceIds }) => !instanceIds.some((id) => alive.has(id)));
  const results = await Promise.allSettled([
    ...instances.map(({ id }) => cloud.deleteInstance(id, options)),
    ...detached.map(({ id }) => cloud.volumes?.delete(id, options)),
    ...keys.map(({ id }) => cloud.keys?.delete(id, options)),
    ...deployments.map((name) => cloud.jobs?.delete(name, options)),
  ]);
  for (const result of results) {
    if (result.status === 'rejected' && !isConflict(result.reason)) throw result.reason;
  }
  return {
    ...{ instances: instances.length, keys: keys.length },
    ...{ volumes: volumes.length, deployments: deployments.length },
  };
}

function isConflict(error: unknown): boolean {
  return CloudError.isInstance(error) && error.kind === 'conflict';
}
