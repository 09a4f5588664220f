import {
  budgetFacts,
  type JobStatus,
  type ListedJob,
  listJobStatuses,
  stateOf,
  type TemporalReader,
} from '@gpu-clouds/jobs/read';
import { firstOf } from '../first-of.ts';
import { budgetLine } from '../output/budget-line.ts';
import { dollars, elapsed } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import { table } from '../output/table.ts';
import { readTemporal } from '../read-temporal.ts';
import { fleetOf } from '../settings.ts';
import type { Terminal } from '../terminal.ts';

export interface PsOptions {
  /** Include ended runs. */
  readonly all?: boolean | undefined;
  /** A phase or an outcome. */
  readonly state?: string | undefined;
  /** Tags that the runs must have. */
  readonly tag?: Readonly<Record<string, string>> | undefined;
  readonly since?: Date | undefined;
  readonly limit: number;
  readonly json?: boolean | undefined;
}

/** Lists the runs of this fleet, newest first. */
export async function ps(options: PsOptions, terminal: Terminal): Promise<void> {
  const { rows, budget } = await readTemporal(terminal, async (reader) => {
    const fleet = await fleetOf(terminal, reader);
    const [rows, budget] = await Promise.all([
      rowsOf(reader, fleet, options),
      options.json ? [] : budgetFacts(reader, fleet),
    ]);
    return { rows, budget: budgetLine(budget) };
  });
  if (budget !== undefined) terminal.note(budget);
  if (options.json)
    terminal.out(
      JSON.stringify(rows.map(({ status, tags, batch, schedule }) => ({ ...status, tags, batch, schedule }))),
    );
  else if (rows.length > 0) terminal.out(runsTable(rows, terminal));
  else terminal.note(nothing(options));
  if (!options.json && rows.length === options.limit) terminal.note(onlyNewest(options.limit));
}

export function onlyNewest(limit: number): string {
  return `Only the newest ${limit === 1 ? 'run is' : `${limit} runs are`} shown. Raise --limit to see more.`;
}

/** Says that no run is listed, and how ended runs are. */
export function nothing(options: PsOptions): string {
  if (!isRunningOnly(options)) return 'No run matches.';
  return `No active run${options.tag === undefined ? 's' : ' matches'}. Use --all to include ended runs.`;
}

/** A state or a time includes ended runs. */
function isRunningOnly({ all, state, since }: PsOptions): boolean {
  return !all && state === undefined && since === undefined;
}

async function rowsOf(reader: TemporalReader, fleet: string, options: PsOptions): Promise<readonly ListedJob[]> {
  const { state, tag: tags, since, limit } = options;
  return firstOf(limit, listJobStatuses(reader, { fleet, running: isRunningOnly(options), since, tags, state }));
}

function runsTable(rows: readonly ListedJob[], terminal: Terminal): string {
  const now = Date.now();
  return table(
    rows,
    [
      { title: 'ID', value: (row) => row.id, color: () => 'bold' },
      { title: 'STATE', value: stateOf, color: (row) => colors[stateOf(row)] },
      { title: 'INSTANCE', value: ({ status }) => instance(status), shrinkTo: 18, priority: 3 },
      { title: 'FOR', value: ({ status }) => elapsed(status.elapsedSeconds * 1000), align: 'right' },
      { title: 'COST', value: ({ status }) => dollars(status.costSoFar), align: 'right' },
      { title: 'EXIT', value: ({ status }) => String(status.exitCode ?? ''), align: 'right', priority: 4 },
      { title: 'STARTED', value: ({ startedAt }) => `${elapsed(now - startedAt.getTime())} ago`, priority: 1 },
      { title: 'SCHEDULE', value: ({ schedule = '' }) => schedule, shrinkTo: 10, priority: 2 },
      {
        title: 'TAGS',
        value: ({ tags }) =>
          Object.entries(tags)
            .map((pair) => pair.join('='))
            .join(' '),
        shrinkTo: 10,
        priority: 2,
      },
    ],
    { columns: terminal.columns, style: styleOf(terminal) },
  );
}

const colors: Readonly<Record<string, 'green' | 'red' | 'yellow' | 'cyan'>> = {
  succeeded: 'green',
  failed: 'red',
  stopped: 'yellow',
  cancelled: 'yellow',
  running: 'cyan',
};

function instance({ current, instances }: JobStatus): string {
  const offer = (current ?? instances.at(-1))?.offer;
  return offer === undefined ? '' : `${offer.gpuCount}x ${offer.gpu} at ${offer.vendor}`;
}
