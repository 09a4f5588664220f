import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isWantedByTemporal, type ReapReport, reap as reapOnce, type Sightings } from '@gpu-clouds/jobs';
import { CliError } from '../cli-error.ts';
import { configuredClouds } from '../clouds.ts';
import { durationOption } from '../duration-option.ts';
import { reportLines } from '../output/reap-report.ts';
import { fleet, home } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface ReapOptions {
  readonly dryRun?: boolean;
  /** How long something must have been unclaimed: `10m`. */
  readonly grace: string;
  /** Destroy at first sight. */
  readonly force?: boolean;
  /** False: ask no Temporal who still owns what. */
  readonly temporal: boolean;
  readonly json?: boolean;
}

/**
 * Looks once through the clouds' lists for instances, keys, volumes and job deployments of this fleet that no live run owns, and destroys those
 * that were unclaimed at an earlier look too.
 * @returns 1 when a cloud could not be looked at, or something could not be destroyed
 */
export async function reap(options: ReapOptions, terminal: Terminal): Promise<number> {
  const report = options.temporal
    ? await withTemporal(terminal, (client) => look(options, terminal, isWantedByTemporal(client)))
    : await look(options, terminal);
  if (options.json) terminal.out(JSON.stringify(report));
  else print(report, options, terminal);
  return report.failures.length === 0 ? 0 : 1;
}

async function look(options: ReapOptions, terminal: Terminal, isWanted?: (instanceName: string) => Promise<boolean>) {
  const report = await reapOnce({
    clouds: configuredClouds(terminal).values(),
    fleet: fleet(terminal),
    sightings: await readSightings(terminal),
    graceMs: durationOption('--grace', options.grace) * 1000,
    ...(isWanted === undefined ? {} : { isWanted }),
    ...(options.dryRun === undefined ? {} : { dryRun: options.dryRun }),
    ...(options.force === undefined ? {} : { force: options.force }),
  });
  if (!options.dryRun) await writeSightings(terminal, report.sightings);
  return report;
}

const sightingsFile = (terminal: Terminal) => join(home(terminal), 'sightings.json');

async function readSightings(terminal: Terminal): Promise<Sightings> {
  const text = await readFile(sightingsFile(terminal), 'utf8').catch(() => '{}');
  const parsed = parseJson(text, terminal);
  const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function parseJson(text: string, terminal: Terminal): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(
      `${sightingsFile(terminal)} is damaged: remove it. What was seen before is then seen for the first time.`,
      {
        cause: error,
      },
    );
  }
}

async function writeSightings(terminal: Terminal, sightings: Sightings): Promise<void> {
  await mkdir(home(terminal), { recursive: true });
  await writeFile(sightingsFile(terminal), `${JSON.stringify(sightings, null, 2)}\n`);
}

function print(report: ReapReport, options: ReapOptions, terminal: Terminal): void {
  const { tables, notes } = reportLines(report, options.dryRun ?? false);
  for (const table of tables) terminal.out(table);
  for (const note of notes) terminal.note(note);
  if (report.waiting.length > 0 && !options.temporal && !options.force) {
    terminal.note('Without Temporal nobody can tell what is still wanted: --force destroys all of it.');
  }
}
