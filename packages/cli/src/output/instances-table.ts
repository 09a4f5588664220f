import { costOf, type JobInstance } from '@gpu-clouds/jobs';
import { dollars, elapsed } from './format.ts';
import { type TableOptions, table } from './table.ts';

/** Lists the instances of a run with their cost, oldest first. */
export function instancesTable(instances: readonly JobInstance[], options: TableOptions): string {
  const now = Date.now();
  return table(
    instances,
    [
      { title: 'NODE', value: ({ node }) => String(node), align: 'right', priority: 1 },
      { title: 'GPU', value: ({ offer }) => `${offer.gpuCount}x ${offer.gpu}`, shrinkLastTo: 10 },
      { title: 'CLOUD', value: ({ offer }) => offer.vendor, shrinkLastTo: 10 },
      { title: 'REGION', value: ({ offer }) => offer.region, shrinkTo: 8, priority: 3 },
      { title: '$/HOUR', value: ({ pricePerHour }) => dollars(pricePerHour), align: 'right', priority: 4 },
      {
        title: 'FOR',
        value: ({ since, until }) => elapsed((until === undefined ? now : Date.parse(until)) - Date.parse(since)),
        align: 'right',
        priority: 5,
      },
      { title: 'COST', value: (one) => dollars(costOf([one], now)), align: 'right' },
      { title: 'STATE', value: stateOf },
      { title: 'INSTANCE NAME', value: ({ instanceName }) => instanceName, priority: 2 },
    ],
    options,
  );
}

function stateOf({ until, teardownStuckSince }: JobInstance): string {
  if (until !== undefined) return 'gone';
  return teardownStuckSince === undefined ? 'bills' : 'stuck';
}
