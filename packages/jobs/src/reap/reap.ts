import {
  type Cloud,
  findOwned,
  type Holdings,
  type OwnedHoldings,
  Teardown,
  type TeardownKind,
} from '@gpu-clouds/clouds';
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
  /** Orphans whose deletion the vendor accepted. Run the reaper again to confirm that they are gone. */
  readonly destroyed: readonly Orphan[];
  /** Orphans that were kept: found for the first time, within the grace period, in a dry run, in use by an instance, or because the delete failed. */
  readonly waiting: readonly Orphan[];
  /** Instance names of the fleet that have a live owner. */
  readonly wanted: readonly string[];
  /** One message for each list that could not be read, each owner that could not be determined, and each delete that failed. */
  readonly failures: readonly { readonly vendor: Vendor; readonly message: string }[];
  /** Pass this to the next run as `ReapOptions.orphansSince`. */
  readonly orphansSince: OrphansSince;
}

type Found = Omit<Orphan, 'since' | 'why'>;

const defaultGraceMs = 10 * 60_000;

const listNames: Readonly<Record<keyof Holdings, string>> = {
  instances: 'Instances',
  jobDeployments: 'Job deployments',
  volumes: 'Volumes',
  keys: 'Keys',
};

const kinds: Readonly<Record<Orphan['what'], TeardownKind>> = {
  instance: 'instances',
  'job-deployment': 'jobDeployments',
  volume: 'volumes',
  key: 'keys',
};

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
    const { vendor } = cloud;
    const failed = (message: string) => void failures.push({ vendor, message });
    const owned = await findOwned(cloud, (name) => parseInstanceName(name)?.fleet === options.fleet);
    for (const { kind, error } of owned.failures) failed(`${listNames[kind]} could not be listed: ${messageOf(error)}`);
    // Keep the earlier dates if a list could not be read.
    if (owned.failures.length > 0) keepOrphansSince(options.orphansSince, vendor, orphansSince);
    const due: Orphan[] = [];
    for (const found of foundIn(vendor, owned)) {
      const wanted = await checkWanted(found.instanceName, options, failed);
      if (wanted === true) {
        report.wanted.add(found.instanceName);
        delete orphansSince[found.key];
        continue;
      }
      const why = wanted === 'over-cap' ? 'over-cap' : 'unowned';
      const since = options.orphansSince?.[found.key] ?? new Date(now).toISOString();
      const orphan: Orphan = { ...found, why, since };
      orphansSince[orphan.key] = since;
      (mayDestroy(orphan, options, now) ? due : report.waiting).push(orphan);
    }
    const accepted = await destroy(cloud, due, failed);
    for (const orphan of due) (accepted.has(orphan.id) ? report.destroyed : report.waiting).push(orphan);
  }
  return { ...report, wanted: [...report.wanted], failures, orphansSince };
}

/** Requests the deletion of each orphan once. Returns the ids whose deletion the vendor accepted. */
async function destroy(
  cloud: Cloud,
  orphans: readonly Orphan[],
  failed: (message: string) => void,
): Promise<ReadonlySet<string>> {
  if (orphans.length === 0) return new Set();
  const ids = (what: Orphan['what']) => orphans.filter((orphan) => orphan.what === what).map(({ id }) => id);
  const teardown = new Teardown(cloud, {
    instanceIds: ids('instance'),
    volumeIds: ids('volume'),
    keyIds: ids('key'),
    jobDeployments: ids('job-deployment'),
  });
  // The failures are reported one by one.
  await teardown.sweep().catch(() => undefined);
  for (const { kind, id, error } of teardown.failures) {
    const orphan = orphans.find((one) => kinds[one.what] === kind && one.id === id);
    failed(`${orphan === undefined ? kind : `${orphan.what} ${orphan.instanceName}`}: ${messageOf(error)}`);
  }
  return new Set(teardown.acknowledged);
}

function mayDestroy(orphan: Orphan, options: ReapOptions, now: number): boolean {
  if (options.dryRun === true) return false;
  if (options.force === true) return true;
  if (options.isWanted === undefined) return false;
  const foundBefore = options.orphansSince?.[orphan.key] !== undefined;
  return foundBefore && now - Date.parse(orphan.since) >= (options.graceMs ?? defaultGraceMs);
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

function foundIn(vendor: Vendor, { instances, jobDeployments, volumes, keys }: OwnedHoldings): readonly Found[] {
  const found = (what: Orphan['what'], id: string, instanceName: string, pricePerHour?: number): Found => ({
    key: `${vendor}/${what}/${id}`,
    vendor,
    what,
    id,
    instanceName,
    pricePerHour,
  });
  return [
    ...instances.map(({ id, name, pricePerHour }) => found('instance', id, name, pricePerHour)),
    ...jobDeployments.map((name) => found('job-deployment', name, name)),
    ...volumes.map(({ id, name }) => found('volume', id, name)),
    ...keys.map(({ id, name }) => found('key', id, name)),
  ];
}

function keepOrphansSince(before: OrphansSince | undefined, vendor: Vendor, into: Record<string, string>): void {
  for (const [key, since] of Object.entries(before ?? {})) {
    if (key.startsWith(`${vendor}/`)) into[key] = since;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
