import type { OperationTable, SecurityScheme } from '@gpu-clouds/core';
import { GenerationError } from './generation-error.ts';
import type { Document } from './openapi.ts';
import { sourceLiteral } from './source-literal.ts';

/** Returns `operations.ts`, with one operation per line. */
export function emitOperations(table: OperationTable, document: Document): string[] {
  return [
    "import type { OperationTable, SecurityScheme } from '@gpu-clouds/core';",
    '',
    '/** What the runtime knows of each operation, by operationId. */',
    'export const operations = {',
    ...Object.entries(table).map(([id, operation]) => `  ${id}: ${sourceLiteral(operation)},`),
    '} as const satisfies OperationTable;',
    '',
    '/** How the document says that credentials travel, by the names in `security`. */',
    `export const securitySchemes = ${sourceLiteral(securitySchemes(table, document))} as const satisfies Record<string, SecurityScheme>;`,
  ];
}

/** Returns the last lines of `operations.ts` of a vendor. */
export function emitServerUrl(document: Document): string[] {
  return [
    "/** The document's first server. Clients use it unless an option or a variable names another. */",
    `export const serverUrl = ${sourceLiteral(serverUrl(document))};`,
  ];
}

/** Returns the schemes that operations require and that need only one fixed credential. */
function securitySchemes(table: OperationTable, { components }: Document): Record<string, SecurityScheme> {
  const required = new Set(Object.values(table).flatMap(({ security }) => security));
  const schemes = Object.entries(components?.securitySchemes ?? {}).filter(([name]) => required.has(name));
  return Object.fromEntries(
    schemes.flatMap(([name, declared]) => {
      const scheme = supportedScheme(declared);
      return scheme === undefined ? [] : [[name, scheme]];
    }),
  );
}

function supportedScheme(declared: unknown): SecurityScheme | undefined {
  if (typeof declared !== 'object' || declared === null || !('type' in declared)) return undefined;
  if (declared.type === 'http' && 'scheme' in declared) {
    const scheme = String(declared.scheme).toLowerCase();
    return scheme === 'bearer' || scheme === 'basic' ? { type: 'http', scheme } : undefined;
  }
  if (declared.type !== 'apiKey' || !('in' in declared) || !('name' in declared)) return undefined;
  const { in: place, name } = declared;
  return place === 'header' || place === 'query' ? { type: 'apiKey', in: place, name: String(name) } : undefined;
}

function serverUrl({ servers }: Document): string {
  const url = servers?.[0]?.url;
  if (url !== undefined && /^https:\/\/[^{}]+[^/{}]$/.test(url)) return url;
  throw new GenerationError(
    `The first server is ${JSON.stringify(url)}. Clients need an https URL without variables and without a slash at the end. Add an overlay action.`,
  );
}
