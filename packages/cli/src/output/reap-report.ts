import type { Orphan, ReapReport } from '@gpu-clouds/jobs';
import { dollars } from './format.ts';
import { table } from './table.ts';

/** Formats the report of one scan of the reaper as tables and notes. */
export function reportLines(
  report: ReapReport,
  dryRun: boolean,
): { readonly tables: readonly string[]; readonly notes: readonly string[] } {
  const { destroyed, waiting, wanted, failures } = report;
  const hourly = waiting.reduce((sum, orphan) => sum + (orphan.pricePerHour ?? 0), 0);
  return {
    tables: [
      ...(destroyed.length === 0 ? [] : [`destroyed:\n${orphansTable(destroyed)}`]),
      ...(waiting.length === 0
        ? []
        : [`${dryRun ? 'orphaned' : 'orphaned, in grace period'}:\n${orphansTable(waiting)}`]),
    ],
    notes: [
      ...failures.map(({ vendor, message }) => `${vendor}: ${message}`),
      `${destroyed.length} destroyed, ${waiting.length} orphaned (${dollars(hourly)}/hour), ${wanted.length} owned by live runs.`,
    ],
  };
}

function orphansTable(orphans: readonly Orphan[]): string {
  return table(orphans, [
    { title: 'CLOUD', value: (orphan) => orphan.vendor },
    { title: 'RESOURCE', value: (orphan) => orphan.what },
    { title: 'INSTANCE NAME', value: (orphan) => orphan.instanceName },
    { title: 'ID', value: (orphan) => orphan.id },
    { title: 'WHY', value: (orphan) => orphan.why },
    {
      title: '$/HOUR',
      value: ({ pricePerHour }) => (pricePerHour === undefined ? '' : dollars(pricePerHour)),
      align: 'right',
    },
    { title: 'ORPHANED SINCE', value: (orphan) => orphan.since },
  ]);
}
