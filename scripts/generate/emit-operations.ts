import type { OperationTable } from '@gpu-clouds/core';
import { sourceLiteral } from './source-literal.ts';

/** Returns `operations.ts`, with one operation per line. */
export function emitOperations(table: OperationTable): string[] {
  return [
    "import type { OperationTable } from '@gpu-clouds/core';",
    '',
    '/** What the runtime knows of each operation, by operationId. */',
    'export const operations = {',
    ...Object.entries(table).map(([id, operation]) => `  ${id}: ${sourceLiteral(operation)},`),
    '} as const satisfies OperationTable;',
  ];
}
