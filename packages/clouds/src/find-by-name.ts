import type { CallOptions, Cloud, Instance, SshKey, Volume } from './cloud.ts';
import { haveSameOwner } from './instance-name.ts';

/** Everything at one vendor whose name was searched for. */
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

/** What could be listed, and the error of each list that could not. */
export interface OwnedHoldings extends Holdings {
  /** The lists that could not be read, each with its error. */
  readonly failures: readonly { readonly kind: keyof Holdings; readonly error: unknown }[];
}

/**
 * Lists everything with this name. The deadline in an instance name does not count. A list may lag behind a create whose response was lost: call it again until the consistency window
 * is over before you conclude that there is nothing.
 * @throws {CloudError} A list could not be read.
 */
export async function findByName(cloud: Cloud, name: string, options?: CallOptions): Promise<Holdings> {
  const { failures, ...holdings } = await findOwned(cloud, (other) => haveSameOwner(other, name), options);
  for (const { error } of failures) throw error;
  return holdings;
}

/** Lists everything whose name `owns` accepts. If one list cannot be read, the others are still returned. */
export async function findOwned(
  cloud: Cloud,
  owns: (name: string) => boolean,
  options?: CallOptions,
): Promise<OwnedHoldings> {
  const failures: { kind: keyof Holdings; error: unknown }[] = [];
  const listed = async <T>(kind: keyof Holdings, list: Promise<readonly T[]> | undefined): Promise<readonly T[]> =>
    (await list?.catch((error: unknown) => void failures.push({ kind, error }))) ?? [];
  const [instances, keys, volumes, jobDeployments] = await Promise.all([
    listed('instances', cloud.listInstances(options)),
    listed('keys', cloud.keys?.list(options)),
    listed('volumes', cloud.volumes?.list(options)),
    listed('jobDeployments', cloud.jobs?.list(options)),
  ]);
  return {
    instances: instances.filter(({ name, status }) => owns(name) && status !== 'gone'),
    keys: keys.filter(({ name }) => owns(name)),
    volumes: volumes.filter(({ name }) => owns(name)),
    jobDeployments: jobDeployments.filter(owns),
    failures,
  };
}
