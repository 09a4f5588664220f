import { type JobStatus, type JobSummary, jobHandle, listJobs } from '@gpu-clouds/jobs';
import { firstOf } from '../first-of.ts';
import { dollars, elapsed } from '../output/format.ts';
import { table } from '../output/table.ts';
import { fleetOf } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface PsOptions {
  /** Include ended runs. */
  readonly all?: boolean | undefined;
  readonly limit: number;
  readonly json?: boolean | undefined;
}

interface Row extends JobSummary {
  readonly status: JobStatus;
}

/** Lists the runs of this fleet, newest first. */
export async function ps(options: PsOptions, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const summaries = await firstOf(
      options.limit,
      listJobs(client, { fleet: await fleetOf(terminal, client), running: !options.all }),
    );
    // Concurrently: without a worker each status query waits for its timeout.
    const rows: readonly Row[] = await Promise.all(
      summaries.map(async (summary) => ({ ...summary, status: await jobHandle(client, summary.id).status() })),
    );
    if (options.json) {
      terminal.out(JSON.stringify(rows.map((row) => row.status)));
      return;
    }
    if (rows.length === 0) terminal.note(options.all ? 'No runs.' : 'No active runs. Use --all to include ended runs.');
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
    { title: 'INSTANCE', value: (row) => instance(row.status) },
    { title: 'FOR', value: (row) => elapsed(row.status.elapsedSeconds * 1000), align: 'right' },
    { title: 'COST', value: (row) => dollars(row.status.costSoFar), align: 'right' },
    { title: 'EXIT', value: (row) => String(row.status.exitCode ?? ''), align: 'right' },
  ]);
}

function instance({ current }: JobStatus): string {
  return current === undefined ? '' : `${current.offer.gpuCount}x ${current.offer.gpu} at ${current.offer.vendor}`;
}
