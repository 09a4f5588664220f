import { ensureReaper, type Reaper, type ReaperRun, type ReaperStatus, reaperHandle } from '@gpu-clouds/jobs';
import { CliError } from '../cli-error.ts';
import { durationOption } from '../duration-option.ts';
import { reportLines } from '../output/reap-report.ts';
import { fleet, namedFleet } from '../settings.ts';
import { noteMissingWorker, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface StartOptions {
  /** Between two looks: `5m`. */
  readonly every: string;
  /** How long something must have been unclaimed: `10m`. */
  readonly grace: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

interface Options {
  readonly json?: boolean;
}

/** Starts the schedule, or changes the one that there is. */
export async function start({ every, grace, dryRun, json }: StartOptions, terminal: Terminal): Promise<void> {
  const everySeconds = durationOption('--every', every);
  if (everySeconds < 1) throw new CliError('--every must be at least 1s.');
  const graceMs = durationOption('--grace', grace) * 1000;
  if (namedFleet(terminal) === undefined) {
    terminal.note(
      'The fleet is "default": if another Temporal server has runs in the same accounts, set GPU_CLOUDS_FLEET to a name of your own, or this destroys their instances.',
    );
  }
  await withTemporal(terminal, async (client) => {
    await noteMissingWorker(client, terminal);
    const options = { fleet: fleet(terminal), every, graceMs, ...(dryRun === undefined ? {} : { dryRun }) };
    show(await (await ensureReaper(client, options)).status(), json, terminal);
  });
}

export async function status({ json }: Options, terminal: Terminal): Promise<void> {
  await withReaper(terminal, async (reaper) => show(await reaper.status(), json, terminal));
}

/** @returns 1 when a cloud could not be looked at, or something could not be destroyed */
export async function run({ json }: Options, terminal: Terminal): Promise<number> {
  return withTemporal(terminal, async (client) => {
    const reaper = reaperHandle(client, fleet(terminal));
    const { dryRun } = await reaper.status();
    await noteMissingWorker(client, terminal);
    const { report } = await reaper.run({ signal: terminal.signal });
    if (json) terminal.out(JSON.stringify(report));
    else showReport(report, dryRun, terminal);
    return report.failures.length === 0 ? 0 : 1;
  });
}

const done = { pause: 'is paused', resume: 'looks again', remove: 'is removed' } as const;

export async function change(way: keyof typeof done, { json }: Options, terminal: Terminal): Promise<void> {
  await withReaper(terminal, async (reaper) => {
    await reaper[way]();
    if (json) terminal.out(JSON.stringify({ scheduleId: reaper.scheduleId, [way]: true }));
    else terminal.note(`The reaper of "${fleet(terminal)}" ${done[way]}.`);
  });
}

async function withReaper(terminal: Terminal, work: (reaper: Reaper) => Promise<void>): Promise<void> {
  await withTemporal(terminal, (client) => work(reaperHandle(client, fleet(terminal))));
}

function show(found: ReaperStatus, json: boolean | undefined, terminal: Terminal): void {
  if (json) {
    terminal.out(JSON.stringify(found));
    return;
  }
  const { paused, everySeconds, graceMs = 600_000, dryRun, nextLook, lastRun } = found;
  const rhythm = `every ${everySeconds}s, after a grace of ${graceMs / 1000}s${dryRun ? ', reporting only' : ''}`;
  terminal.out(`${found.scheduleId}: ${paused ? 'paused' : 'looking'}, ${rhythm}`);
  if (nextLook !== undefined) terminal.out(`next look: ${nextLook.toISOString()}`);
  if (lastRun === undefined) terminal.out('latest look: none has ended yet');
  else showLatest(lastRun, dryRun, terminal);
}

function showLatest({ endedAt, report }: ReaperRun, dryRun: boolean, terminal: Terminal): void {
  terminal.out(`latest look: ${endedAt.toISOString()}`);
  showReport(report, dryRun, terminal);
}

function showReport(report: ReaperRun['report'], dryRun: boolean, terminal: Terminal): void {
  const { tables, notes } = reportLines(report, dryRun);
  for (const table of tables) terminal.out(table);
  for (const note of notes) terminal.note(note);
}
