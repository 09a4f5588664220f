import {
  type Cloud,
  findOwned,
  type Holdings,
  type OwnedHoldings,
  Teardown,
  type TeardownKind,
} from '@gpu-clouds/clouds';
import { fleetPrefix, ownerIdOf, parseInstanceName, type Vendor } from '@gpu-clouds/clouds/pure';
import type { OwnerState } from './owner-state.ts';
import type { FindOwners } from './owners.ts';
import { type AlarmReason, decide, type OrphanReason, type ReapRules } from './reap-decision.ts';

/** When each orphan was first found, in ISO 8601, by its {@link Orphan.key}. Plain JSON. Pass it from one run of the reaper to the next. */
export type OrphansSince = Readonly<Record<string, string>>;

/** Options of {@link reap}. */
export interface ReapOptions {
  /** The accounts to search. Other accounts are not touched. */
  readonly clouds: Iterable<Cloud>;
  /** The fleet to clean up. Nothing of another fleet is destroyed. */
  readonly fleet: string;
  /** Looks up the owners, such as {@link ownersInTemporal}. Default: only what is past the deadline in its name is an orphan. */
  readonly findOwners?: FindOwners | undefined;
  /** `ReapReport.orphansSince` of the previous run. Before its deadline, an orphan is destroyed only if the previous run found it too. */
  readonly orphansSince?: OrphansSince | undefined;
  /** Grace period in milliseconds, after the deadline or since an orphan was first found. Default: 10 minutes. */
  readonly graceMs?: number | undefined;
  /** The current time in milliseconds since the epoch. Default: `Date.now()`. */
  readonly now?: number | undefined;
  /** Whether to report orphans without destroying them, even with `force`. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Whether to destroy orphans without a grace period. Default: false. */
  readonly force?: boolean | undefined;
  /** Ends the run: what is not destroyed by then stays for the next run. */
  readonly signal?: AbortSignal | undefined;
}

/** A resource with an instance name. */
export interface NamedResource {
  /** Identifies the resource: `<vendor>/<what>/<id>`. */
  readonly key: string;
  /** The vendor that lists it. */
  readonly vendor: Vendor;
  /** Kind of the resource. `job-deployment` exists at Verda only. */
  readonly what: 'instance' | 'key' | 'volume' | 'job-deployment';
  /** The vendor's id. For a job deployment, its name. */
  readonly id: string;
  /** The instance name, `gpuc-<fleet>-<run>-<ordinal>-<deadline>`. */
  readonly instanceName: string;
  /** US dollars per hour. Absent if the vendor does not report a price. */
  readonly pricePerHour?: number | undefined;
}

/** A resource of the fleet that nothing will destroy in time except the reaper. */
export interface Orphan extends NamedResource {
  /** `unowned`: it has no live owner. `over-cap`: its owner is running, but should already have destroyed it. `overdue`: past its deadline. */
  readonly why: OrphanReason;
  /** When the first of the consecutive runs found it, in ISO 8601. */
  readonly since: string;
}

/** A resource that needs a person's attention. The reaper keeps it. */
export interface ReapAlarm extends NamedResource {
  /**
   * `owner-not-found`: Temporal does not know its owner; it is destroyed after its deadline. `overdue-in-unknown-fleet`: it belongs to another
   * fleet, whose reaper does not run.
   */
  readonly why: AlarmReason;
}

/** What one run of {@link reap} found and did. */
export interface ReapReport {
  /** Orphans whose deletion the vendor accepted. Run the reaper again to confirm that they are gone. */
  readonly destroyed: readonly Orphan[];
  /** Orphans that were kept: found for the first time, within the grace period, in a dry run, in use by an instance, or because the delete failed. */
  readonly waiting: readonly Orphan[];
  /** Resources that need a person's attention. */
  readonly alarms: readonly ReapAlarm[];
  /** Instance names of the fleet that are kept, because they have a live owner or because their owner could not be determined. */
  readonly wanted: readonly string[];
  /** One message for each list that could not be read, each owner that could not be determined, and each delete that failed. */
  readonly failures: readonly { readonly vendor: Vendor; readonly message: string }[];
  /** Pass this to the next run as `ReapOptions.orphansSince`. */
  readonly orphansSince: OrphansSince;
}

const defaultGraceMs = 10 * 60_000;
/** A clock that differs by more than this from the vendor's cannot tell what is overdue. */
const maxSkewMs = 5 * 60_000;

const listNames: Readonly<Record<keyof Holdings, string>> = {
  instances: 'Instances',
  jobDeployments: 'Job deployments',
  volumes: 'Volumes',
  keys: 'Keys',
};

const kinds: Readonly<Record<NamedResource['what'], TeardownKind>> = {
  instance: 'instances',
  'job-deployment': 'jobDeployments',
  volume: 'volumes',
  key: 'keys',
};

/**
 * Searches the vendors' lists for instance names, and destroys orphans of the fleet: what is past its deadline and the grace period, and
 * what two runs in a row have found without a live owner. Works without Temporal, by the deadlines alone. All clouds are searched at the
 * same time; if one fails, the others are still cleaned up.
 * @throws {RangeError} `fleet` is not a fleet name.
 */
export async function reap(options: ReapOptions): Promise<ReapReport> {
  fleetPrefix(options.fleet);
  const reports = await Promise.all([...options.clouds].map((cloud) => reapCloud(cloud, options)));
  return mergeReports(reports);
}

/** Returns one report with everything in several. */
export function mergeReports(reports: readonly ReapReport[]): ReapReport {
  return {
    destroyed: reports.flatMap(({ destroyed }) => destroyed),
    waiting: reports.flatMap(({ waiting }) => waiting),
    alarms: reports.flatMap(({ alarms }) => alarms),
    wanted: [...new Set(reports.flatMap(({ wanted }) => wanted))],
    failures: reports.flatMap(({ failures }) => failures),
    orphansSince: Object.assign({}, ...reports.map(({ orphansSince }) => orphansSince)),
  };
}

/** Returns the fleets that have resources in the accounts, with the number of their instances. Lists that cannot be read are left out. */
export async function listFleets(clouds: Iterable<Cloud>): Promise<ReadonlyMap<string, number>> {
  const listed = await Promise.all([...clouds].map((cloud) => findOwned(cloud, isOurs)));
  const fleets = new Map<string, number>();
  for (const { instances, jobDeployments, volumes, keys } of listed) {
    const billing = new Set<unknown>([...instances, ...jobDeployments]);
    for (const thing of [...instances, ...jobDeployments, ...volumes, ...keys]) {
      const fleet = parseInstanceName(typeof thing === 'string' ? thing : thing.name)?.fleet;
      if (fleet !== undefined) fleets.set(fleet, (fleets.get(fleet) ?? 0) + (billing.has(thing) ? 1 : 0));
    }
  }
  return fleets;
}

async function reapCloud(cloud: Cloud, options: ReapOptions): Promise<ReapReport> {
  const { vendor } = cloud;
  const { fleet, signal, orphansSince: before = {}, now = Date.now() } = options;
  const failures: { vendor: Vendor; message: string }[] = [];
  const failed = (message: string) => void failures.push({ vendor, message });
  const owned = await findOwned(cloud, isOurs, { signal });
  for (const { kind, error } of owned.failures) failed(`${listNames[kind]} could not be listed: ${messageOf(error)}`);
  const found = resourcesIn(vendor, owned);
  const owners = await ownersOf(found, options, failed);
  const rules: ReapRules = {
    fleet,
    now,
    clockAgrees: checkClock(cloud, failed),
    graceMs: options.graceMs ?? defaultGraceMs,
    force: options.force ?? false,
  };
  const [due, waiting]: [Orphan[], Orphan[]] = [[], []];
  const [alarms, wanted]: [ReapAlarm[], Set<string>] = [[], new Set()];
  for (const resource of found) {
    const { key, instanceName } = resource;
    const earlier = before[key];
    const owner = owners.get(ownerIdOf(instanceName));
    const orphanSince = earlier === undefined ? undefined : Date.parse(earlier);
    const decision = decide({ instanceName, owner, orphanSince }, rules);
    if (decision.action === 'alarm') alarms.push({ ...resource, why: decision.why });
    else if (decision.action !== 'keep') {
      const orphan = { ...resource, why: decision.why, since: earlier ?? new Date(now).toISOString() };
      (decision.action === 'destroy' && options.dryRun !== true ? due : waiting).push(orphan);
    } else if (parseInstanceName(instanceName)?.fleet === fleet) wanted.add(instanceName);
  }
  const accepted = await destroy(cloud, due, failed, signal);
  const orphansSince = Object.fromEntries([...due, ...waiting].map(({ key, since }) => [key, since]));
  return {
    destroyed: due.filter(({ id }) => accepted.has(id)),
    waiting: [...waiting, ...due.filter(({ id }) => !accepted.has(id))],
    alarms,
    wanted: [...wanted],
    failures,
    // Earlier dates stay if a list could not be read.
    orphansSince: owned.failures.length === 0 ? orphansSince : { ...ofVendor(before, vendor), ...orphansSince },
  };
}

/** Requests the deletion of each orphan once. Returns the ids whose deletion the vendor accepted. */
async function destroy(
  cloud: Cloud,
  orphans: readonly Orphan[],
  failed: (message: string) => void,
  signal: AbortSignal | undefined,
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
  await teardown.sweep({ signal }).catch(() => undefined);
  for (const { kind, id, error } of teardown.failures) {
    const orphan = orphans.find((one) => kinds[one.what] === kind && one.id === id);
    failed(`${orphan === undefined ? kind : `${orphan.what} ${orphan.instanceName}`}: ${messageOf(error)}`);
  }
  return new Set(teardown.acknowledged);
}

async function ownersOf(
  found: readonly NamedResource[],
  { fleet, findOwners }: ReapOptions,
  failed: (message: string) => void,
): Promise<ReadonlyMap<string, OwnerState>> {
  if (findOwners === undefined) return new Map();
  const parsed = found.map(({ instanceName }) => parseInstanceName(instanceName));
  const ids = parsed.filter((one) => one?.fleet === fleet).map((one) => one?.ownerId ?? '');
  const known = new Map<string, OwnerState>();
  const states = await findOwners([...new Set(ids)]).catch((error: unknown) => {
    failed(`The owners of ${ids.length} resources could not be determined: ${messageOf(error)}`);
    return new Map<string, OwnerState | Error>();
  });
  for (const [id, state] of states) {
    if (state instanceof Error) failed(`${id} was kept, because its owner could not be determined: ${state.message}`);
    else known.set(id, state);
  }
  return known;
}

/** Compares this machine's clock with the one in the vendor's responses. */
function checkClock({ clockSkewMs }: Cloud, failed: (message: string) => void): boolean {
  const skewMs = clockSkewMs?.() ?? 0;
  if (Math.abs(skewMs) <= maxSkewMs) return true;
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  failed(
    `This machine's clock differs from the vendor's by ${minutes} minutes. Set it right. Nothing is destroyed by its deadline.`,
  );
  return false;
}

function resourcesIn(
  vendor: Vendor,
  { instances, jobDeployments, volumes, keys }: OwnedHoldings,
): readonly NamedResource[] {
  const resource = (what: NamedResource['what'], id: string, instanceName: string, pricePerHour?: number) => ({
    key: `${vendor}/${what}/${id}`,
    vendor,
    what,
    id,
    instanceName,
    pricePerHour,
  });
  return [
    ...instances.map(({ id, name, pricePerHour }) => resource('instance', id, name, pricePerHour)),
    ...jobDeployments.map((name) => resource('job-deployment', name, name)),
    ...volumes.map(({ id, name }) => resource('volume', id, name)),
    ...keys.map(({ id, name }) => resource('key', id, name)),
  ];
}

function isOurs(name: string): boolean {
  return parseInstanceName(name) !== undefined;
}

function ofVendor(orphansSince: OrphansSince, vendor: Vendor): OrphansSince {
  return Object.fromEntries(Object.entries(orphansSince).filter(([key]) => key.startsWith(`${vendor}/`)));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
