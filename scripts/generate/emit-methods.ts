import type { OperationTable } from '@gpu-clouds/core';
import type { OperationEntry } from './openapi.ts';
import { tsdoc } from './tsdoc.ts';
import type { VendorRules } from './vendor-rules.ts';

/** `methods.ts`: one interface, a method an operation, with what the vendor says of it on hover. */
export function emitMethods(entries: readonly OperationEntry[], table: OperationTable, rules: VendorRules): string[] {
  const paged = Object.values(table).some(({ pages }) => pages);
  return [
    `import type { Method${paged ? ', PagedMethod' : ''} } from '@gpu-clouds/core';`,
    "import type { operations } from './types.ts';",
    '',
    `/** The operations of the vendor's API as methods, named by operationId. */`,
    `export interface ${rules.client}Methods {`,
    ...entries.flatMap((entry) => [...docOf(entry).map(indent), `  ${entry.id}: ${typeOf(entry.id, table)};`]),
    '}',
  ];
}

function typeOf(id: string, table: OperationTable): string {
  const operation = `operations[${quote(id)}]`;
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

function indent(line: string): string {
  return `  ${line}`.trimEnd();
}
