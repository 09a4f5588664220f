import type { Cloud } from '@gpu-clouds/clouds';
import { fleetPrefix, parseInstanceName, type Vendor } from '@gpu-clouds/clouds/pure';
import type { Wanted } from './is-wanted.ts';

/** When each orphan was first found, in ISO 8601, by its {@link Orphan.key}. Plain JSON. Pass it from one run of the reaper to the next. */
export type OrphansSince = Readonly<Record<string, string>>;

/** Options of {@link reap}. */
export interface ReapOptions {
  /** The accounts to search. Other accounts are not touched. */
  readonly clouds: Iterable<Cloud>;
  /** The fleet to clean up. Anything without an instance name of this fleet is ignored. */
  readonly fleet: string;
  /**
   * Returns whether an instance name has a live owner, such as {@link isWantedByTemporal}. If it throws, the item is kept.
   * If it is omitted, nothing is destroyed without `force`.
   */
  readonly isWanted?: ((instanceName: string) => Promise<Wanted>) | undefined;
  /** `ReapReport.orphansSince` of the previous run. An orphan is destroyed only if the previous run found it too. */
  readonly orphansSince?: OrphansSince | undefined;
  /** Grace period in milliseconds, since an orphan was first found, before it is destroyed. Default: 10 minutes. */
  readonly graceMs?: number | undefined;
  /** The current time in milliseconds since the epoch. Default: `Date.now()`. */
  readonly now?: number | undefined;
  /** Whether to report orphans without destroying them, even with `force`. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Whether to destroy orphans at once, without a grace period. Without `isWanted`, this destroys everything of the fleet. Default: false. */
  readonly force?: boolean | undefined;
}

/** Something with an instance name of the fleet that has no live owner, or whose owner is past its cap. */
export interface Orphan {
  /** Identifies the orphan: `<vendor>/<what>/<id>`. */
  readonly key: string;
  /** The vendor that lists it. */
  readonly vendor: Vendor;
  /** Kind of the orphan. `job-deployment` exists at Verda only. */
  readonly what: 'instance' | 'key' | 'volume' | 'job-deployment';
  /** The vendor's id. For a job deployment, its name. */
  readonly id: string;
  /** The instance name, `gpuc-<fleet>-<run>-<ordinal>`, which is also the id of the workflow that owned or owns it. */
  readonly instanceName: string;
  /** `unowned`: it has no live owner. `over-cap`: its owner is running, but should already have destroyed it. */
  readonly why: 'unowned' | 'over-cap';
  /** US dollars per hour. Absent if the vendor does not report a price. */
  readonly pricePerHour?: number | undefined;
  /** When the first of the consecutive runs found it, in ISO 8601. */
  readonly since: string;
}

/** What one run of {@link reap} found and did. */
export interface ReapReport {
  /** Orphans whose delete call succeeded. Run the reaper again to confirm that they are gone. */
  readonly destroyed: readonly Orphan[];
  /** Orphans that were kept: found for the first time, within the grace period, in a dry run, or because the delete failed. */
  readonly waiting: readonly Orphan[];
  /** Instance names of the fleet that have a live owner. */
  readonly wanted: readonly string[];
  /** One message for each list that could not be read, each owner that could not be determined, and each delete that failed. */
  readonly failures: readonly { readonly vendor: Vendor; readonly message: string }[];
  /** Pass this to the next run as `ReapOptions.orphansSince`. */
  readonly orphansSince: OrphansSince;
}

interface Found extends Omit<Orphan, 'since' | 'why'> {
  destroy(): Promise<unknown>;
}

const defaultGraceMs = 10 * 60_000;

/**
 * Searches the vendors' lists for instance names of the fleet, and destroys orphans that two runs have found and whose grace period is
 * over. Works without Temporal if `isWanted` does. If one cloud fails, the others are still cleaned up.
 * @throws {RangeError} `fleet` is not a fleet name.
 */
export async function reap(options: ReapOptions): Promise<ReapReport> {
  fleetPrefix(options.fleet);
  const now = options.now ?? Date.now();
  const report = { destroyed: [] as Orphan[], waiting: [] as Orphan[], wanted: new Set<string>() };
  const failures: { vendor: Vendor; message: string }[] = [];
  const orphansSince: Record<string, string> = {};

  for (const cloud of options.clouds) {
    const { found, failed } = await ownedBy(options.fleet, cloud);
    failures.push(...failed.map((message) => ({ vendor: cloud.vendor, message })));
    // Keep the earlier dates if a list could not be read.
    if (failed.length > 0) keepOrphansSince(options.orphansSince, cloud.vendor, orphansSince);
    for (const { destroy, ...thing } of found) {
      const wanted = await checkWanted(thing.instanceName, options, (message) =>
        failures.push({ vendor: cloud.vendor, message }),
      );
      if (wanted === true) {
        report.wanted.add(thing.instanceName);
        delete orphansSince[thing.key];
        continue;
      }
      const orphan: Orphan = {
        ...thing,
        why: wanted === 'over-cap' ? 'over-cap' : 'unowned',
        since: options.orphansSince?.[thing.key] ?? new Date(now).toISOString(),
      };
      orphansSince[orphan.key] = orphan.since;
      if (!mayDestroy(orphan, options, now)) {
        report.waiting.push(orphan);
        continue;
      }
      try {
        await destroy();
        report.destroyed.push(orphan);
      } catch (error) {
        report.waiting.push(orphan);
        failures.push({ vendor: cloud.vendor, message: `${orphan.what} ${orphan.instanceName}: ${messageOf(error)}` });
      }
    }
  }
  return { ...report, wanted: [...report.wanted], failures, orphansSince };
}

function mayDestroy(orphan: Orphan, options: ReapOptions, now: number): boolean {
  if (options.dryRun === true) return false;
  if (options.force === true) return true;
  if (options.isWanted === undefined) return false;
  const seenBefore = options.orphansSince?.[orphan.key] !== undefined;
  return seenBefore && now - Date.parse(orphan.since) >= (options.graceMs ?? defaultGraceMs);
}

async function checkWanted(
  instanceName: string,
  options: ReapOptions,
  failed: (message: string) => void,
): Promise<Wanted> {
  if (options.isWanted === undefined) return false;
  try {
    return await options.isWanted(instanceName);
  } catch (error) {
    failed(`${instanceName} was kept, because its owner could not be determined: ${messageOf(error)}`);
    return true;
  }
}

/** Lists instances first, because a volume or key can be deleted only after the instance that uses it. */
async function ownedBy(fleet: string, cloud: Cloud): Promise<{ found: readonly Found[]; failed: readonly string[] }> {
  const failed: string[] = [];
  const attempt = async (what: string, list: () => Promise<readonly Found[]>) => {
    try {
      return (await list()).filter(({ instanceName }) => parseInstanceName(instanceName)?.fleet === fleet);
    } catch (error) {
      failed.push(`${what} could not be listed: ${messageOf(error)}`);
      return [];
    }
  };
  const instances = await attempt('Instances', () => instancesOf(cloud));
  const volumes = await attempt('Volumes', () => volumesOf(cloud));
  const keys = await attempt('Keys', () => keysOf(cloud));
  const jobDeployments = await attempt('Job deployments', () => deploymentsOf(cloud));
  return { found: [...instances, ...jobDeployments, ...volumes, ...keys], failed };
}

async function instancesOf(cloud: Cloud): Promise<readonly Found[]> {
  return (await cloud.listInstances()).map(({ id, name: instanceName, pricePerHour }) => ({
    ...thing(cloud, 'instance', id, instanceName),
    ...(pricePerHour === undefined ? {} : { pricePerHour }),
    destroy: () => cloud.deleteInstance(id),
  }));
}

async function volumesOf(cloud: Cloud): Promise<readonly Found[]> {
  const { volumes } = cloud;
  if (volumes === undefined) return [];
  return (await volumes.list()).map(({ id, name: instanceName }) => ({
    ...thing(cloud, 'volume', id, instanceName),
    destroy: () => volumes.delete(id),
  }));
}

async function keysOf(cloud: Cloud): Promise<readonly Found[]> {
  const { keys } = cloud;
  if (keys === undefined) return [];
  return (await keys.list()).map(({ id, name: instanceName }) => ({
    ...thing(cloud, 'key', id, instanceName),
    destroy: () => keys.delete(id),
  }));
}

async function deploymentsOf(cloud: Cloud): Promise<readonly Found[]> {
  const { jobs } = cloud;
  if (jobs === undefined) return [];
  return (await jobs.list()).map((instanceName) => ({
    ...thing(cloud, 'job-deployment', instanceName, instanceName),
    destroy: () => jobs.delete(instanceName),
  }));
}

function thing(cloud: Cloud, what: Orphan['what'], id: string, instanceName: string): Omit<Found, 'destroy'> {
  return { key: `${cloud.vendor}/${what}/${id}`, vendor: cloud.vendor, what, id, instanceName };
}

function keepOrphansSince(before: OrphansSince | undefined, vendor: Vendor, into: Record<string, string>): void {
  for (const [key, since] of Object.entries(before ?? {})) {
    if (key.startsWith(`${vendor}/`)) into[key] = since;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
