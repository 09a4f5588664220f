import type { NamedResource, Orphan, ReapAlarm, ReapReport } from '@gpu-clouds/jobs';
import { dollars } from './format.ts';
import { table } from './table.ts';

/** Formats the report of one scan of the reaper as tables and notes. */
export function reportLines(
  report: ReapReport,
  dryRun: boolean,
): { readonly tables: readonly string[]; readonly notes: readonly string[] } {
  const { destroyed, waiting, alarms, wanted, failures } = report;
  const hourly = waiting.reduce((sum, orphan) => sum + (orphan.pricePerHour ?? 0), 0);
  return {
    tables: [
      ...(destroyed.length === 0 ? [] : [`destroyed:\n${orphansTable(destroyed)}`]),
      ...(waiting.length === 0
        ? []
        : [`${dryRun ? 'orphaned' : 'orphaned, in grace period'}:\n${orphansTable(waiting)}`]),
      ...(alarms.length === 0 ? [] : [`need attention, kept:\n${alarmsTable(alarms)}`]),
    ],
    notes: [
      ...failures.map(({ vendor, message }) => `${vendor}: ${message}`),
      `${destroyed.length} destroyed, ${waiting.length} orphaned (${dollars(hourly)}/hour), ${alarms.length} need attention, ${wanted.length} kept.`,
    ],
  };
}

type Column<T> = Parameters<typeof table<T>>[1][number];

const resourceColumns: readonly Column<NamedResource & { readonly why: string }>[] = [
  { title: 'CLOUD', value: ({ vendor }) => vendor },
  { title: 'RESOURCE', value: ({ what }) => what },
  { title: 'INSTANCE NAME', value: ({ instanceName }) => instanceName },
  { title: 'ID', value: ({ id }) => id },
  { title: 'WHY', value: ({ why }) => why },
  {
    title: '$/HOUR',
    value: ({ pricePerHour }) => (pricePerHour === undefined ? '' : dollars(pricePerHour)),
    align: 'right',
  },
];

function alarmsTable(alarms: readonly ReapAlarm[]): string {
  return table(alarms, resourceColumns);
}

function orphansTable(orphans: readonly Orphan[]): string {
  return table<Orphan>(orphans, [...resourceColumns, { title: 'ORPHANED SINCE', value: ({ since }) => since }]);
}
