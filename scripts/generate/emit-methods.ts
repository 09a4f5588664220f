import type { OperationTable } from '@gpu-clouds/core';
import { type Document, listOperations, type OperationEntry } from './openapi.ts';
import { succeedingType, throwingOperations } from './thrown-failure.ts';
import { tsdoc } from './tsdoc.ts';
import type { VendorRules } from './vendor-rules.ts';

/** Returns `methods.ts`: one interface with a method for each operation and the vendor's description as TSDoc. */
export function emitMethods(document: Document, table: OperationTable, rules: VendorRules): string[] {
  const entries = listOperations(document);
  const throwing = throwingOperations(document, entries, rules.thrownFailure);
  const paged = Object.values(table).some(({ pages }) => pages);
  return [
    `import type { Method${paged ? ', PagedMethod' : ''} } from '@gpu-clouds/core';`,
    `import type { ${throwing.size > 0 ? 'components, ' : ''}operations } from './types.ts';`,
    '',
    ...(throwing.size > 0 && rules.thrownFailure ? [...succeedingType(rules.thrownFailure.schema), ''] : []),
    ...tsdoc([`${document.info.title}: its operations as methods, named by operationId.`]),
    `export interface ${rules.client}Methods {`,
    ...entries.flatMap((entry) => [
      ...docOf(entry).map((line) => `  ${line}`),
      `  ${entry.id}: ${typeOf(entry.id, table, throwing)};`,
    ]),
    '}',
  ];
}

function typeOf(id: string, table: OperationTable, throwing: ReadonlySet<string>): string {
  const operation = throwing.has(id) ? `Succeeding<operations[${quote(id)}]>` : `operations[${quote(id)}]`;
  const pages = table[id]?.pages;
  if (!pages) return `Method<${operation}>`;
  return pages.style === 'cursor' ? `PagedMethod<${operation}, ${quote(pages.items)}>` : `PagedMethod<${operation}>`;
}

function docOf({ method, path, operation }: OperationEntry): string[] {
  const { summary = '', description = '', deprecated = false } = operation;
  const words = [summary, description === summary ? '' : description, `\`${method.toUpperCase()} ${path}\``];
  return tsdoc(words, deprecated);
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
