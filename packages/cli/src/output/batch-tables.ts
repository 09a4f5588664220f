import type { BatchItem, BatchItemResult, BatchStatus } from '@gpu-clouds/jobs';
import type { Terminal } from '../terminal.ts';
import { dollars } from './format.ts';
import { styleOf } from './style.ts';
import { type Column, table } from './table.ts';

/**
 * Formats ended items of a batch as a table with a column for each variable.
 * @param started What each item was started with, by index.
 */
export function itemsTable(
  items: readonly BatchItemResult[],
  started: ReadonlyMap<number, BatchItem>,
  terminal: Pick<Terminal, 'columns' | 'colors'>,
): string {
  const variables = new Set(items.flatMap(({ index }) => Object.keys(started.get(index)?.env ?? {})));
  const columns: readonly Column<BatchItemResult>[] = [
    { title: 'ITEM', value: (item) => String(item.index), align: 'right' },
    { title: 'RUN', value: (item) => item.id, priority: 1 },
    ...[...variables].map((name) => ({
      title: name,
      value: ({ index }: BatchItemResult) => started.get(index)?.env?.[name] ?? '',
      shrinkTo: 12,
    })),
    {
      title: 'OUTCOME',
      value: (item) => item.outcome,
      color: ({ outcome }) => (outcome === 'succeeded' ? 'green' : outcome === 'failed' ? 'red' : 'yellow'),
    },
    { title: 'EXIT', value: (item) => String(item.exitCode ?? ''), align: 'right' },
    { title: 'COST', value: (item) => dollars(item.dollars), align: 'right', priority: 2 },
    {
      title: 'WHY',
      value: ({ kind, message }) => (kind === undefined ? '' : `${kind}: ${oneLine(message ?? '')}`),
      shrinkTo: 20,
    },
  ];
  return table(items, columns, { columns: terminal.columns, style: styleOf(terminal) });
}

/** Formats the counts of a batch, for example `12 of 60 ended, 1 of them failed, 5 running, $1.20`. */
export function countsLine({ total, done, failed, running, dollars: spent }: BatchStatus): string {
  const failures = failed === 0 ? '' : `, ${failed} of them failed`;
  return `${done} of ${total} ended${failures}, ${running} running, ${dollars(spent)}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
