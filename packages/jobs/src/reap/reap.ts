import type { Cloud } from '@gpu-clouds/clouds';
import { fleetPrefix, parseInstanceName, type Vendor } from '@gpu-clouds/clouds/pure';
import type { Wanted } from './is-wanted.ts';

/** When each thing was first found unclaimed, by its {@link Orphan.key}: ISO 8601. Plain JSON, to be kept from one look to the next. */
export type Sightings = Readonly<Record<string, string>>;

/** What {@link reap} looks at, whom it asks, and what it may destroy. */
export interface ReapOptions {
  /** The accounts whose lists are walked. What another account has is neither seen nor destroyed. */
  readonly clouds: Iterable<Cloud>;
  /** Only what carries this deployment's instance name is ever looked at. */
  readonly fleet: string;
  /**
   * Whether somebody still owns what carries the instance name, and may. Ask Temporal by `describe`, whose answer is never late. When it throws,
   * the thing is spared. Left out, nobody can be asked: then nothing is destroyed without `force`.
   */
  readonly isWanted?: (instanceName: string) => Promise<Wanted>;
  /** What the previous look returned: something is destroyed only when it was unclaimed then too. */
  readonly sightings?: Sightings;
  /** Milliseconds for which something has to be unclaimed before it is destroyed. Default 10 minutes. */
  readonly graceMs?: number;
  /** Milliseconds since the epoch. Default `Date.now()`. */
  readonly now?: number;
  /** Report only. */
  readonly dryRun?: boolean;
  /** Destroy at the first look and without grace; without `isWanted`, everything of the fleet. */
  readonly force?: boolean;
}

/** Something with the deployment's instance name that no live workflow owns, or whose owner has outlived its cap. */
export interface Orphan {
  /** `<vendor>/<what>/<id>`. */
  readonly key: string;
  /** The cloud that lists it. */
  readonly vendor: Vendor;
  /** What it is to the cloud. `deployment` is one of Verda's job deployments. */
  readonly what: 'instance' | 'key' | 'volume' | 'job-deployment';
  /** The cloud's own id of it; of a fleet its name. */
  readonly id: string;
  /** `gpuc-<fleet>-<run>-<ordinal>`, the id of the workflow that owned it, or still does. */
  readonly instanceName: string;
  /** `unowned`: no live workflow owns it. `over-cap`: one does, and was to have destroyed it by now. */
  readonly why: 'unowned' | 'over-cap';
  /** US dollars an hour, where the cloud says. */
  readonly pricePerHour?: number;
  /** ISO 8601: the first of the looks in a row that found it unclaimed. */
  readonly since: string;
}

/** What one look of {@link reap} found and did. */
export interface ReapReport {
  /** Destroyed, or asked to be: look again to see them gone. */
  readonly destroyed: readonly Orphan[];
  /** Unclaimed, and left alone for now: first sighting, within the grace, or a dry run. */
  readonly waiting: readonly Orphan[];
  /** Instance names of the fleet that somebody owns. */
  readonly wanted: readonly string[];
  /** Clouds that could not be looked at and things that could not be destroyed, a sentence each. */
  readonly failures: readonly { readonly vendor: Vendor; readonly message: string }[];
  /** To be passed to the next look. */
  readonly sightings: Sightings;
}

interface Found extends Omit<Orphan, 'since' | 'why'> {
  destroy(): Promise<unknown>;
}

const defaultGraceMs = 10 * 60_000;

/**
 * Walks the clouds' own lists for this deployment's instance name and destroys what nobody owns: seen so twice, and for the grace.
 * Needs no Temporal. One cloud that fails does not keep the others from being cleaned.
 */
export async function reap(options: ReapOptions): Promise<ReapReport> {
  fleetPrefix(options.fleet);
  const now = options.now ?? Date.now();
  const report = { destroyed: [] as Orphan[], waiting: [] as Orphan[], wanted: new Set<string>() };
  const failures: { vendor: Vendor; message: string }[] = [];
  const sightings: Record<string, string> = {};

  for (const cloud of options.clouds) {
    const { found, failed } = await ownedBy(options.fleet, cloud);
    failures.push(...failed.map((message) => ({ vendor: cloud.vendor, message })));
    // A list that could not be read tells nothing: what was seen in it before stays seen.
    if (failed.length > 0) keepSightings(options.sightings, cloud.vendor, sightings);
    for (const { destroy, ...thing } of found) {
      const wanted = await askWanted(thing.instanceName, options, (message) =>
        failures.push({ vendor: cloud.vendor, message }),
      );
      if (wanted === true) {
        report.wanted.add(thing.instanceName);
        delete sightings[thing.key];
        continue;
      }
      const orphan: Orphan = {
        ...thing,
        why: wanted === 'over-cap' ? 'over-cap' : 'unowned',
        since: options.sightings?.[thing.key] ?? new Date(now).toISOString(),
      };
      sightings[orphan.key] = orphan.since;
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
  return { ...report, wanted: [...report.wanted], failures, sightings };
}

function mayDestroy(orphan: Orphan, options: ReapOptions, now: number): boolean {
  if (options.dryRun === true) return false;
  if (options.force === true) return true;
  if (options.isWanted === undefined) return false;
  const seenBefore = options.sightings?.[orphan.key] !== undefined;
  return seenBefore && now - Date.parse(orphan.since) >= (options.graceMs ?? defaultGraceMs);
}

async function askWanted(
  instanceName: string,
  options: ReapOptions,
  failed: (message: string) => void,
): Promise<Wanted> {
  if (options.isWanted === undefined) return false;
  try {
    return await options.isWanted(instanceName);
  } catch (error) {
    failed(`${instanceName} is spared, since nobody could say whether it is wanted: ${messageOf(error)}`);
    return true;
  }
}

/** Instances first: a volume or a key is free only after them. */
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

function keepSightings(before: Sightings | undefined, vendor: Vendor, into: Record<string, string>): void {
  for (const [key, since] of Object.entries(before ?? {})) {
    if (key.startsWith(`${vendor}/`)) into[key] = since;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
