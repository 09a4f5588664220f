import type { Operation, OperationTable } from '@gpu-clouds/core';
import { type Document, listOperations, type OperationEntry } from '../openapi.ts';
import { table } from './markdown.ts';

const terms = `- _Paged_: the method has \`.items()\` and \`.pages()\`. Both have \`.toArray({ limit })\`.
- _Idempotency key_: the client sends a key, so a retry cannot act twice.
- _No retry_: the client sends the request once, because a second one could act twice.
- _Retried_: the request is a POST, but it is safe to repeat.`;

/** Returns the body of `METHODS.md`: every method with the vendor's summary, grouped by the document's tags. */
export function methodList(vendor: string, document: Document, operations: OperationTable): string {
  const groups = Map.groupBy(listOperations(document), ({ operation }) => operation.tags?.[0] ?? 'Other');
  return [
    `# Methods of @gpu-clouds/${vendor}`,
    "The descriptions are the vendor's.",
    terms,
    ...[...groups].map(([tag, entries]) => `## ${tag}\n\n${methodTable(entries, operations)}`),
  ].join('\n\n');
}

function methodTable(entries: readonly OperationEntry[], operations: OperationTable): string {
  return table(
    ['Method', 'Description', 'Request'],
    entries.map((entry) => rowOf(entry, operations)),
  );
}

function rowOf({ id, method, path, operation }: OperationEntry, operations: OperationTable): string[] {
  const words = (operation.summary ?? operation.description ?? '').trim().replace(/\.$| - deprecated$/, '');
  const notes = [
    ...(operation.deprecated ? ['**deprecated**'] : []),
    ...notesOf(operations[id]),
    ...limitsOf(operation.description),
  ];
  return [
    `\`${id}\``,
    [words, ...notes].filter((text) => text !== '').join('; '),
    `\`${method.toUpperCase()} ${path}\``,
  ];
}

/** Returns how the client sends the request, where that differs from a plain call. */
function notesOf(operation: Operation | undefined): string[] {
  if (operation === undefined) return [];
  const { method, repeatable, idempotencyKey, pages, security } = operation;
  return [
    ...(pages ? ['paged'] : []),
    ...(idempotencyKey ? ['idempotency key'] : []),
    ...(!repeatable && !idempotencyKey ? ['no retry'] : []),
    ...(repeatable && method === 'POST' ? ['retried'] : []),
    ...(security.length === 0 ? ['no credentials'] : []),
  ];
}

/** Returns the rate limit in the vendor's description: `120 requests per minute per project`. */
function limitsOf(description = ''): string[] {
  const limit = /rate limited to (\d+ requests? per [\w ]+)/i.exec(description)?.[1];
  return limit === undefined ? [] : [`at most ${limit.trim()}`];
}
