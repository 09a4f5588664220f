import type { Operation, OperationTable } from '@gpu-clouds/core';
import { type Document, listOperations, type OperationEntry } from '../openapi.ts';
import { table } from './markdown.ts';

/** The part `methods`: every method with one line of the vendor's words, by the document's tags. */
export function methodList(document: Document, operations: OperationTable): string {
  const groups = Map.groupBy(listOperations(document), ({ operation }) => operation.tags?.[0] ?? 'Other');
  return [...groups]
    .map(
      ([tag, entries]) =>
        `### ${tag}\n\n${table(
          ['method', 'what', 'request'],
          entries.map((entry) => rowOf(entry, operations)),
        )}`,
    )
    .join('\n\n');
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

/** What a caller would want to know of it before reading on. */
function notesOf(operation: Operation | undefined): string[] {
  if (operation === undefined) return [];
  const { method, repeatable, idempotencyKey, pages, security } = operation;
  return [
    ...(pages ? ['paged'] : []),
    ...(idempotencyKey ? ['idempotency key'] : []),
    ...(!repeatable && !idempotencyKey ? ['never sent twice'] : []),
    ...(repeatable && method === 'POST' ? ['safe to repeat'] : []),
    ...(security.length === 0 ? ['no credentials'] : []),
  ];
}

/** `120 requests per minute per project`, where the vendor's text says so. */
function limitsOf(description = ''): string[] {
  const limit = /rate limited to (\d+ requests? per [\w ]+)/i.exec(description)?.[1];
  return limit === undefined ? [] : [`at most ${limit.trim()}`];
}
