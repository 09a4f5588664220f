import type { OperationTable } from '@gpu-clouds/core';
import { GenerationError } from './generation-error.ts';
import type { Document } from './openapi.ts';
import { sourceLiteral } from './source-literal.ts';

/** Returns `operations.ts`, with one operation per line. */
export function emitOperations(table: OperationTable, document: Document): string[] {
  return [
    "import type { OperationTable } from '@gpu-clouds/core';",
    '',
    '/** What the runtime knows of each operation, by operationId. */',
    'export const operations = {',
    ...Object.entries(table).map(([id, operation]) => `  ${id}: ${sourceLiteral(operation)},`),
    '} as const satisfies OperationTable;',
    '',
    "/** The document's first server. Clients use it unless an option or a variable names another. */",
    `export const serverUrl = ${sourceLiteral(serverUrl(document))};`,
  ];
}

function serverUrl({ servers }: Document): string {
  const url = servers?.[0]?.url;
  if (url !== undefined && /^https:\/\/[^{}]+[^/{}]$/.test(url)) return url;
  throw new GenerationError(
    `The first server is ${JSON.stringify(url)}. Clients need an https URL without variables and without a slash at the end. Add an overlay action.`,
  );
}
