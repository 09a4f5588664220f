import type { NamedResource, Orphan, ReapAlarm, ReapReport } from '@gpu-clouds/jobs';
import type { Terminal } from '../terminal.ts';
import { dollars } from './format.ts';
import { styleOf } from './style.ts';
import { type Column, type TableOptions, table } from './table.ts';

/** Formats the report of one scan of the reaper as tables and notes. */
export function reportLines(
  report: ReapReport,
  dryRun: boolean,
  terminal: Pick<Terminal, 'columns' | 'colors'>,
): { readonly tables: readonly string[]; readonly notes: readonly string[] } {
  const options = { columns: terminal.columns, style: styleOf(terminal) };
  const { destroyed, waiting, alarms, wanted, failures } = report;
  const hourly = waiting.reduce((sum, orphan) => sum + (orphan.pricePerHour ?? 0), 0);
  return {
    tables: [
      ...(destroyed.length === 0 ? [] : [`destroyed:\n${orphansTable(destroyed, options)}`]),
      ...(waiting.length === 0
        ? []
        : [`${dryRun ? 'orphaned' : 'orphaned, in grace period'}:\n${orphansTable(waiting, options)}`]),
      ...(alarms.length === 0 ? [] : [`need attention, kept:\n${alarmsTable(alarms, options)}`]),
    ],
    notes: [
      ...failures.map(({ vendor, message }) => `${vendor}: ${message}`),
      `${destroyed.length} destroyed, ${waiting.length} orphaned (${dollars(hourly)}/hour), ${alarms.length} need attention, ${wanted.length} kept.`,
    ],
  };
}

const resourceColumns: readonly Column<NamedResource & { readonly why: string }>[] = [
  { title: 'CLOUD', value: ({ vendor }) => vendor },
  { title: 'RESOURCE', value: ({ what }) => what },
  { title: 'INSTANCE NAME', value: ({ instanceName }) => instanceName, shrinkTo: 24 },
  { title: 'ID', value: ({ id }) => id, priority: 2 },
  { title: 'WHY', value: ({ why }) => why },
  {
    title: '$/HOUR',
    value: ({ pricePerHour }) => (pricePerHour === undefined ? '' : dollars(pricePerHour)),
    align: 'right',
  },
];

function alarmsTable(alarms: readonly ReapAlarm[], options: TableOptions): string {
  return table(alarms, resourceColumns, options);
}

function orphansTable(orphans: readonly Orphan[], options: TableOptions): string {
  const since = { title: 'ORPHANED SINCE', value: (orphan: Orphan) => orphan.since, priority: 1 };
  return table<Orphan>(orphans, [...resourceColumns, since], options);
}
