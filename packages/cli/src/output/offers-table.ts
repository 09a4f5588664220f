import type { Offer } from '@gpu-clouds/clouds/pure';
import type { Terminal } from '../terminal.ts';
import { dollars } from './format.ts';
import { styleOf } from './style.ts';
import { table } from './table.ts';

/** Formats offers as a table for one stream of a terminal. Keeps their order. */
export function offersTable(
  offers: readonly Offer[],
  terminal: Pick<Terminal, 'columns' | 'colors'>,
  stream: 'out' | 'note' = 'out',
): string {
  return table(
    offers,
    [
      { title: '$/HOUR', value: (offer) => dollars(offer.pricePerHour), align: 'right', color: () => 'green' },
      {
        title: '$/GPU',
        value: (offer) => dollars(offer.pricePerHour / offer.gpuCount),
        align: 'right',
        priority: 4,
      },
      { title: 'GPU', value: (offer) => `${offer.gpuCount}x ${offer.gpu}`, color: () => 'bold' },
      { title: 'GPU GB', value: (offer) => String(offer.gpuMemory), align: 'right', priority: 6 },
      { title: 'VCPU', value: (offer) => String(offer.vcpus ?? ''), align: 'right', priority: 3 },
      { title: 'RAM GB', value: (offer) => String(offer.memory ?? ''), align: 'right', priority: 4 },
      { title: 'DISK GB', value: (offer) => String(offer.storage ?? ''), align: 'right', priority: 1 },
      { title: 'CLOUD', value: (offer) => offer.vendor },
      { title: 'REGION', value: (offer) => offer.region, shrinkTo: 12 },
      {
        title: 'BILLING',
        value: (offer) => (offer.spot ? 'spot' : 'on demand'),
        priority: 5,
        color: (offer) => (offer.spot ? 'yellow' : undefined),
      },
      { title: 'LEFT', value: (offer) => String(offer.available ?? ''), align: 'right', priority: 2 },
    ],
    { columns: terminal.columns, style: styleOf(terminal, stream) },
  );
}
