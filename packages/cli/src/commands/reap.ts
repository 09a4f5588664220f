import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cloud, parseInstanceName } from '@gpu-clouds/clouds';
import {
  durationSeconds,
  type FindOwners,
  listFleets,
  mergeReports,
  type OrphansSince,
  ownersInTemporal,
  type ReapAlarm,
  type ReapReport,
  reap as reapOnce,
} from '@gpu-clouds/jobs';
import { CliError } from '../cli-error.ts';
import { configuredClouds } from '../clouds.ts';
import { counted } from '../output/format.ts';
import { reportLines } from '../output/reap-report.ts';
import { checkFleet, fleetOf, home, makeHome, namedFleet } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface ReapOptions {
  readonly dryRun?: boolean | undefined;
  /** Grace period: how long a resource must have been orphaned or overdue, for example `10m`. */
  readonly grace: string;
  /** Destroy orphans without waiting for the grace period. */
  readonly force?: boolean | undefined;
  /** The fleet to clean up, or `all`. */
  readonly fleet?: string | undefined;
  /** False: do not look up owners in Temporal. */
  readonly temporal: boolean;
  readonly json?: boolean | undefined;
}

/**
 * Searches the clouds for resources of this fleet once. Destroys those past their deadline and grace period, and, if Temporal answers, those
 * without a live owner that an earlier scan found too.
 * @returns 1 when a cloud could not be listed, an orphan could not be destroyed, or something needs attention, else 0
 */
export async function reap(options: ReapOptions, terminal: Terminal): Promise<number> {
  if (options.fleet === undefined) await namedFleet(terminal);
  else await checkFleet(options.fleet, '--fleet');
  const report = await withOwners(options, terminal, async (owners) => {
    const clouds = [...configuredClouds(terminal).values()];
    const fleets = await fleetsToClean(options, terminal, clouds, owners?.fleet);
    const orphansSince = await readOrphansSince(terminal);
    const shared = { clouds, orphansSince, findOwners: owners?.findOwners, ...rulesOf(options) };
    const merged = mergeReports(await Promise.all(fleets.map((fleet) => reapOnce({ ...shared, fleet }))));
    return { ...merged, alarms: merged.alarms.filter((alarm) => !isCleaned(alarm, fleets)) };
  });
  if (options.json) terminal.out(JSON.stringify(report));
  else print(report, options, terminal);
  if (!options.dryRun) await writeOrphansSince(terminal, report.orphansSince);
  return report.failures.length + report.alarms.length === 0 ? 0 : 1;
}

/** How the owners of one fleet are looked up. */
interface Owners {
  readonly fleet: string;
  readonly findOwners: FindOwners;
}

/**
 * Without Temporal, only the deadlines count, so that a cron job works on the day when Temporal does not. The same holds if Temporal refuses,
 * for example because of an expired key.
 */
async function withOwners<T>(
  { temporal }: ReapOptions,
  terminal: Terminal,
  work: (owners: Owners | undefined) => Promise<T>,
): Promise<T> {
  if (!temporal) return work(undefined);
  let isConnected = false;
  try {
    return await withTemporal(terminal, async (client) => {
      const owners = { fleet: await fleetOf(terminal, client), findOwners: ownersInTemporal(client) };
      isConnected = true;
      return work(owners);
    });
  } catch (error) {
    if (isConnected || terminal.signal.aborted) throw error;
    const why = error instanceof Error ? error.message : String(error);
    terminal.note(`gpu-clouds: ${why} Only resources past their deadline are destroyed.`);
    return work(undefined);
  }
}

/** @throws {CliError} when neither an option, nor a variable, nor Temporal names the fleet; the message lists the fleets in the accounts */
async function fleetsToClean(
  { fleet }: ReapOptions,
  terminal: Terminal,
  clouds: readonly Cloud[],
  ofTemporal: string | undefined,
): Promise<readonly string[]> {
  const wanted = fleet ?? (await namedFleet(terminal)) ?? ofTemporal;
  if (wanted !== undefined && wanted !== 'all') return [wanted];
  const fleets = await listFleets(clouds);
  if (wanted === 'all') return [...fleets.keys()];
  const seen = [...fleets].map(([name, count]) => `${name} (${counted(count, 'instance')})`);
  throw new CliError(
    `The fleet is not known. The accounts have ${seen.length === 0 ? 'no fleets' : `these: ${seen.join(', ')}`}. Add --fleet NAME or --fleet all.`,
  );
}

/** With several fleets, what is overdue in one of them is destroyed and needs no alarm of the others. */
function isCleaned({ why, instanceName }: ReapAlarm, fleets: readonly string[]): boolean {
  return why === 'overdue-in-unknown-fleet' && fleets.includes(parseInstanceName(instanceName)?.fleet ?? '');
}

function rulesOf({ grace, dryRun, force }: ReapOptions) {
  return { graceMs: durationSeconds(grace) * 1000, dryRun, force };
}

const orphansSinceFile = (terminal: Terminal) => join(home(terminal), 'orphans-since.json');

async function readOrphansSince(terminal: Terminal): Promise<OrphansSince> {
  const text = await readFile(orphansSinceFile(terminal), 'utf8').catch(() => '{}');
  const parsed = parseJson(text, terminal);
  const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** A file that was cut off, as on a full disk, must not keep what is overdue. */
function parseJson(text: string, terminal: Terminal): unknown {
  try {
    return JSON.parse(text);
  } catch {
    terminal.note(
      `gpu-clouds: ${orphansSinceFile(terminal)} is not valid JSON. The grace period of orphans starts again.`,
    );
    return {};
  }
}

async function writeOrphansSince(terminal: Terminal, orphansSince: OrphansSince): Promise<void> {
  await makeHome(terminal);
  await writeFile(orphansSinceFile(terminal), `${JSON.stringify(orphansSince, null, 2)}\n`, { mode: 0o600 });
}

function print(report: ReapReport, options: ReapOptions, terminal: Terminal): void {
  const { tables, notes } = reportLines(report, options.dryRun ?? false, terminal);
  for (const table of tables) terminal.out(table);
  for (const note of notes) terminal.note(note);
}
