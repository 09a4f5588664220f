import type { BatchItemResult, BatchStatus } from '@gpu-clouds/jobs';
import { dollars } from './format.ts';
import { table } from './table.ts';

/** Formats ended items of a batch as a table. */
export function itemsTable(items: readonly BatchItemResult[]): string {
  return table(items, [
    { title: 'ITEM', value: (item) => String(item.index), align: 'right' },
    { title: 'RUN', value: (item) => item.id },
    { title: 'OUTCOME', value: (item) => item.outcome },
    { title: 'EXIT', value: (item) => String(item.exitCode ?? ''), align: 'right' },
    { title: 'COST', value: (item) => dollars(item.dollars), align: 'right' },
    { title: 'WHY', value: ({ kind, message }) => (kind === undefined ? '' : `${kind}: ${oneLine(message ?? '')}`) },
  ]);
}

/** Formats the counts of a batch, for example `12 of 60 ended, 1 of them failed, 5 running, $1.20`. */
export function countsLine({ total, done, failed, running, dollars: spent }: BatchStatus): string {
  const failures = failed === 0 ? '' : `, ${failed} of them failed`;
  return `${done} of ${total} ended${failures}, ${running} running, ${dollars(spent)}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
