import { type LeaseSummary, leaseCost, listLeases } from '@gpu-clouds/jobs';
import { firstOf } from '../first-of.ts';
import { withCost } from '../leases.ts';
import { leaseAlarms } from '../output/alarms.ts';
import { dollars, elapsed } from '../output/format.ts';
import { idleWarning } from '../output/idle-warning.ts';
import { styleOf } from '../output/style.ts';
import { table } from '../output/table.ts';
import { fleetOf } from '../settings.ts';
import { removeEndedSshFiles } from '../ssh-files.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface LsOptions {
  /** Include ended leases. */
  readonly all?: boolean | undefined;
  readonly limit: number;
  readonly json?: boolean | undefined;
}

/** Lists the leases of this fleet, newest first. */
export async function ls({ all = false, limit, json }: LsOptions, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    await removeEndedSshFiles(client, terminal);
    const leases = await firstOf(limit, listLeases(client, { fleet: await fleetOf(terminal, client), running: !all }));
    if (json) terminal.out(JSON.stringify(leases.map((lease) => withCost(lease))));
    else if (leases.length > 0) {
      terminal.out(leasesTable(leases, terminal));
      for (const line of leases.flatMap((lease) => [...idleWarning(lease), ...leaseAlarms(lease)])) terminal.note(line);
    } else terminal.note(all ? 'No leases.' : 'No active leases. Use --all to include ended leases.');
  });
}

export function leasesTable(leases: readonly LeaseSummary[], terminal: Pick<Terminal, 'columns' | 'colors'>): string {
  const now = Date.now();
  const left = ({ mustEndBy, endedAt }: LeaseSummary) =>
    mustEndBy === undefined || endedAt !== undefined ? '' : elapsed(Math.max(0, mustEndBy.getTime() - now));
  const hours = ({ startedAt, endedAt }: LeaseSummary) => (endedAt?.getTime() ?? now) - startedAt.getTime();
  return table(
    leases,
    [
      { title: 'NAME', value: (lease) => lease.name, color: () => 'bold', shrinkLastTo: 12 },
      {
        title: 'STATE',
        value: (lease) => lease.state,
        color: ({ state }) => (state === 'ready' ? 'green' : undefined),
      },
      {
        title: 'INSTANCE',
        value: ({ gpus, vendor }) => (gpus === undefined ? '' : `${gpus} at ${vendor}`),
        shrinkTo: 16,
        priority: 4,
      },
      {
        title: '$/HOUR',
        value: ({ pricePerHour }) => (pricePerHour === undefined ? '' : dollars(pricePerHour)),
        align: 'right',
        priority: 3,
      },
      { title: 'FOR', value: (lease) => elapsed(hours(lease)), align: 'right', priority: 1 },
      {
        title: 'COST',
        value: (lease) => {
          const cost = leaseCost(lease, now);
          return cost === undefined ? '' : dollars(cost);
        },
        align: 'right',
        priority: 2,
      },
      { title: 'LEFT', value: left, align: 'right', color: () => 'yellow' },
    ],
    { columns: terminal.columns, style: styleOf(terminal) },
  );
}
