import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isWantedByTemporal, type OrphansSince, type ReapReport, reap as reapOnce } from '@gpu-clouds/jobs';
import { CliError } from '../cli-error.ts';
import { configuredClouds } from '../clouds.ts';
import { durationOption } from '../duration-option.ts';
import { reportLines } from '../output/reap-report.ts';
import { fleet, home } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface ReapOptions {
  readonly dryRun?: boolean | undefined;
  /** Grace period: how long a resource must have been orphaned, for example `10m`. */
  readonly grace: string;
  /** Destroy orphans without waiting for the grace period. */
  readonly force?: boolean | undefined;
  /** False: do not check in Temporal which resources live runs own. */
  readonly temporal: boolean;
  readonly json?: boolean | undefined;
}

/**
 * Lists the instances, keys, volumes, and job deployments of this fleet once. Destroys those that no live run owns
 * and that an earlier scan, at least the grace period ago, also found orphaned.
 * @returns 1 when a cloud could not be listed or an orphan could not be destroyed, else 0
 */
export async function reap(options: ReapOptions, terminal: Terminal): Promise<number> {
  const report = options.temporal
    ? await withTemporal(terminal, (client) => scan(options, terminal, isWantedByTemporal(client)))
    : await scan(options, terminal);
  if (options.json) terminal.out(JSON.stringify(report));
  else print(report, options, terminal);
  return report.failures.length === 0 ? 0 : 1;
}

async function scan(options: ReapOptions, terminal: Terminal, isWanted?: (instanceName: string) => Promise<boolean>) {
  const report = await reapOnce({
    clouds: configuredClouds(terminal).values(),
    fleet: fleet(terminal),
    orphansSince: await readOrphansSince(terminal),
    graceMs: durationOption('--grace', options.grace) * 1000,
    isWanted,
    dryRun: options.dryRun,
    force: options.force,
  });
  if (!options.dryRun) await writeOrphansSince(terminal, report.orphansSince);
  return report;
}

const orphansSinceFile = (terminal: Terminal) => join(home(terminal), 'orphans-since.json');

async function readOrphansSince(terminal: Terminal): Promise<OrphansSince> {
  const text = await readFile(orphansSinceFile(terminal), 'utf8').catch(() => '{}');
  const parsed = parseJson(text, terminal);
  const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function parseJson(text: string, terminal: Terminal): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(
      `${orphansSinceFile(terminal)} is not valid JSON. Remove it and run the command again. The grace period of every orphan then starts again.`,
      {
        cause: error,
      },
    );
  }
}

async function writeOrphansSince(terminal: Terminal, orphansSince: OrphansSince): Promise<void> {
  await mkdir(home(terminal), { recursive: true });
  await writeFile(orphansSinceFile(terminal), `${JSON.stringify(orphansSince, null, 2)}\n`);
}

function print(report: ReapReport, options: ReapOptions, terminal: Terminal): void {
  const { tables, notes } = reportLines(report, options.dryRun ?? false);
  for (const table of tables) terminal.out(table);
  for (const note of notes) terminal.note(note);
  if (report.waiting.length > 0 && !options.temporal && !options.force) {
    terminal.note(
      'Without Temporal, this command cannot check which resources live runs own. --force destroys all of them.',
    );
  }
}
