import {
  durationSeconds,
  ensureReaper,
  type Reaper,
  type ReaperRun,
  type ReaperStatus,
  reaperHandle,
} from '@gpu-clouds/jobs';
import { CliError, exitCodes } from '../cli-error.ts';
import { elapsed, moment } from '../output/format.ts';
import { reportLines } from '../output/reap-report.ts';
import { fleetOf, namedFleet } from '../settings.ts';
import { noteMissingWorker, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface StartOptions {
  /** Time between two scans, for example `5m`. */
  readonly every: string;
  /** Grace period: how long a resource must have been orphaned, for example `10m`. */
  readonly grace: string;
  readonly dryRun?: boolean | undefined;
  readonly json?: boolean | undefined;
}

interface Options {
  readonly json?: boolean | undefined;
}

/** Starts the schedule, or updates the existing one. */
export async function start({ every, grace, dryRun, json }: StartOptions, terminal: Terminal): Promise<void> {
  const everySeconds = durationSeconds(every);
  if (everySeconds < 1) throw new CliError('--every must be at least 1s.', { exitCode: exitCodes.usage });
  const graceMs = durationSeconds(grace) * 1000;
  await withTemporal(terminal, async (client) => {
    await noteMissingWorker(client, terminal);
    const options = { fleet: await namedFleet(terminal), every, graceMs, dryRun };
    show(await (await ensureReaper(client, options)).status(), json, terminal);
  });
}

/** Shows the schedule and the report of its latest scan. */
export async function status({ json }: Options, terminal: Terminal): Promise<void> {
  await withReaper(terminal, async (reaper) => show(await reaper.status(), json, terminal));
}

/**
 * Scans now, also while the schedule is paused, and shows the report.
 * @returns 1 when a cloud could not be listed or an orphan could not be destroyed, else 0
 */
export async function run({ json }: Options, terminal: Terminal): Promise<number> {
  return withTemporal(terminal, async (client) => {
    const reaper = reaperHandle(client, await fleetOf(terminal, client));
    const { dryRun } = await reaper.status();
    await noteMissingWorker(client, terminal);
    const { report } = await reaper.run({ signal: terminal.signal });
    if (json) terminal.out(JSON.stringify(report));
    else showReport(report, dryRun, terminal);
    return report.failures.length === 0 ? 0 : 1;
  });
}

const done = { pause: 'is paused', resume: 'is resumed', remove: 'is removed' } as const;

/** Pauses, resumes, or removes the schedule. */
export async function change(way: keyof typeof done, { json }: Options, terminal: Terminal): Promise<void> {
  await withReaper(terminal, async (reaper, fleet) => {
    await reaper[way]();
    if (json) terminal.out(JSON.stringify({ scheduleId: reaper.scheduleId, [way]: true }));
    else terminal.note(`The reaper of "${fleet}" ${done[way]}.`);
  });
}

async function withReaper(terminal: Terminal, work: (reaper: Reaper, fleet: string) => Promise<void>): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const fleet = await fleetOf(terminal, client);
    await work(reaperHandle(client, fleet), fleet);
  });
}

function show(found: ReaperStatus, json: boolean | undefined, terminal: Terminal): void {
  if (json) {
    terminal.out(JSON.stringify(found));
    return;
  }
  const { paused, everySeconds, graceMs = 600_000, dryRun, nextRun, lastRun } = found;
  const interval = `every ${elapsed(everySeconds * 1000)}, grace period ${elapsed(graceMs)}${dryRun ? ', dry run' : ''}`;
  terminal.out(`${found.scheduleId}: ${paused ? 'paused' : 'active'}, ${interval}`);
  if (nextRun !== undefined) terminal.out(`next scan: ${moment(nextRun)}`);
  if (lastRun === undefined) terminal.out('latest scan: none has ended yet');
  else showLatest(lastRun, dryRun, terminal);
}

function showLatest({ endedAt, report }: ReaperRun, dryRun: boolean, terminal: Terminal): void {
  terminal.out(`latest scan: ${moment(endedAt)}`);
  showReport(report, dryRun, terminal);
}

function showReport(report: ReaperRun['report'], dryRun: boolean, terminal: Terminal): void {
  const { tables, notes } = reportLines(report, dryRun, terminal);
  for (const table of tables) terminal.out(table);
  for (const note of notes) terminal.note(note);
}
