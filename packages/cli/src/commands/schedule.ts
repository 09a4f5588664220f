import {
  listSchedules,
  type ScheduleOverlap,
  type ScheduleStatus,
  scheduleHandle,
  scheduleJob,
} from '@gpu-clouds/jobs';
import { CliError } from '../cli-error.ts';
import { jobOf } from '../job-source.ts';
import { moment } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import { table } from '../output/table.ts';
import { uploadReport } from '../output/upload-report.ts';
import { fleetOf, namedFleet, runStore } from '../settings.ts';
import { startSearchable } from '../start-searchable.ts';
import { noteMissingWorker, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly json?: boolean | undefined;
}

export interface AddOptions extends Options {
  readonly cron: string;
  readonly timezone: string;
  readonly overlap: ScheduleOverlap;
  readonly jitter?: string | undefined;
  readonly catchUp: string;
  readonly name?: string | undefined;
  readonly tag?: Readonly<Record<string, string>> | undefined;
}

/** Uploads the files of a job, and creates a schedule that runs it. */
export async function add(file: string, options: AddOptions, terminal: Terminal): Promise<void> {
  const job = await jobOf({ files: [file], command: [] }, {}, terminal);
  const { cron, timezone, overlap, jitter, catchUp, name, tag: tags } = options;
  await withTemporal(terminal, async (client) => {
    await noteMissingWorker(client, terminal);
    const runs = await runStore(terminal);
    const times = { cron, timezone, overlap, jitter, catchUp, name };
    const start = { fleet: await namedFleet(terminal), runs, uploads: uploadReport(terminal), tags };
    const handle = await startSearchable(client, (searchable) =>
      scheduleJob(client, job, { ...times, ...start, searchable }),
    );
    const status = await handle.status();
    if (options.json) terminal.out(JSON.stringify(status));
    else terminal.note(`The schedule "${handle.name}" runs ${status.job} next at ${timeOf(status)}.`);
  });
}

/** Lists the schedules of this fleet. */
export async function list({ json }: Options, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const found: ScheduleStatus[] = [];
    for await (const status of listSchedules(client, { fleet: await fleetOf(terminal, client) })) found.push(status);
    if (json) terminal.out(JSON.stringify(found));
    else if (found.length === 0) terminal.note('No schedules. Add one with "gpu-clouds schedule add".');
    else terminal.out(schedulesTable(found, terminal));
  });
}

/**
 * Starts a run of a schedule now.
 * @throws {CliError} when its overlap policy does not let it start
 */
export async function run(name: string, { json }: Options, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    await noteMissingWorker(client, terminal);
    const handle = scheduleHandle(client, name);
    const id = await handle.run();
    if (id !== undefined) {
      terminal.out(json ? JSON.stringify({ id }) : id);
      return;
    }
    const { overlap, running } = await handle.status();
    throw new CliError(
      `No run has started: the overlap policy is ${overlap}, and ${running.join(', ')} has not ended. Wait for its end, or end it with "gpu-clouds stop".`,
    );
  });
}

const done = { pause: 'is paused', resume: 'is resumed', remove: 'is removed' } as const;

/** Pauses, resumes, or removes a schedule. */
export async function change(
  way: keyof typeof done,
  name: string,
  { json }: Options,
  terminal: Terminal,
): Promise<void> {
  await withTemporal(terminal, async (client) => {
    await scheduleHandle(client, name)[way]();
    if (json) terminal.out(JSON.stringify({ name, [way]: true }));
    else terminal.note(`The schedule "${name}" ${done[way]}.`);
  });
}

function timeOf({ paused, nextRun }: ScheduleStatus): string {
  return paused ? 'paused' : nextRun === undefined ? '' : moment(nextRun);
}

function schedulesTable(found: readonly ScheduleStatus[], terminal: Terminal): string {
  return table(
    found,
    [
      { title: 'NAME', value: ({ name }) => name, shrinkTo: 16, color: () => 'bold' },
      { title: 'CRON', value: ({ cron, timezone }) => `${cron} ${timezone}` },
      { title: 'NEXT', value: timeOf },
      { title: 'RUNNING', value: ({ running }) => String(running.length), align: 'right' },
      { title: 'STARTED', value: ({ started }) => String(started), align: 'right', priority: 2 },
      { title: 'SKIPPED', value: ({ skipped }) => String(skipped), align: 'right', priority: 3 },
      { title: 'MISSED', value: ({ missed }) => String(missed), align: 'right', priority: 3 },
      { title: 'LAST RUN', value: ({ lastRun = '' }) => lastRun, shrinkTo: 16, priority: 1 },
    ],
    { columns: terminal.columns, style: styleOf(terminal) },
  );
}
