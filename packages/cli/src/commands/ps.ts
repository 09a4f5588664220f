import { type JobStatus, type JobSummary, jobHandle, listJobs } from '@gpu-clouds/jobs';
import { firstOf } from '../first-of.ts';
import { dollars, elapsed } from '../output/format.ts';
import { table } from '../output/table.ts';
import { fleet } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface PsOptions {
  /** Ended runs too. */
  readonly all?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

interface Row extends JobSummary {
  readonly status: JobStatus;
}

/** The runs of this fleet, newest first. */
export async function ps(options: PsOptions, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const summaries = await firstOf(options.limit, listJobs(client, { fleet: fleet(terminal), running: !options.all }));
    // Side by side: where no worker answers, each takes its time to find out.
    const rows: readonly Row[] = await Promise.all(
      summaries.map(async (summary) => ({ ...summary, status: await jobHandle(client, summary.id).status() })),
    );
    if (options.json) terminal.out(JSON.stringify(rows.map((row) => row.status)));
    else if (rows.length === 0)
      terminal.note(options.all ? 'No run yet.' : 'Nothing is running. --all shows ended runs too.');
    else terminal.out(runsTable(rows));
  });
}

function runsTable(rows: readonly Row[]): string {
  return table(rows, [
    { title: 'ID', value: (row) => row.id },
    {
      title: 'STATE',
      value: (row) => (row.state === 'running' ? row.status.phase : (row.status.outcome ?? row.state)),
    },
    { title: 'MACHINE', value: (row) => instance(row.status) },
    { title: 'FOR', value: (row) => elapsed(row.status.elapsedSeconds * 1000), align: 'right' },
    { title: 'COST', value: (row) => dollars(row.status.costSoFar), align: 'right' },
    { title: 'EXIT', value: (row) => String(row.status.exitCode ?? ''), align: 'right' },
  ]);
}

function instance({ current }: JobStatus): string {
  return current === undefined ? '' : `${current.offer.gpuCount}x ${current.offer.gpu} at ${current.offer.vendor}`;
}
