import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import ts from 'typescript';
import { GenerationError } from './generation-error.ts';
import { knownValues } from './open-enums.ts';
import type { Document } from './openapi.ts';

/** `types.ts`: openapi-typescript's `paths`, `components` and `operations` of a client view. */
export async function emitTypes(view: Document): Promise<string[]> {
  const nodes = await openapiTS(structuredClone(view) as unknown as OpenAPI3, {
    // The vendor's order is the one their docs have, and keeps the diff of a new document readable.
    alphabetize: false,
    // A property with a default may be left out of a request; in answers `required` alone says what is there.
    defaultNonNullable: false,
    // `type: object` without properties is an object of anything, not `Record<string, never>`.
    emptyObjectsUnknown: true,
    // Unions of literals: no code at run time, and a value need not be imported to be written.
    enum: false,
    silent: true,
    transform: (schema) => openUnion(schema),
  }).catch((error: Error) => {
    throw new GenerationError(`openapi-typescript: ${error.message}`);
  });
  return astToString(nodes).trimEnd().split('\n');
}

/** `'running' | 'stopped' | (string & {})`: any text type-checks, the known values are offered. */
function openUnion(schema: object & { type?: unknown }): ts.TypeNode | undefined {
  const values = (schema as Record<string, unknown>)[knownValues];
  if (!Array.isArray(values)) return undefined;
  const { factory } = ts;
  const literals = values.map((value) => factory.createLiteralTypeNode(factory.createStringLiteral(String(value))));
  const anyText = factory.createParenthesizedType(
    factory.createIntersectionTypeNode([
      factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword),
      factory.createTypeLiteralNode([]),
    ]),
  );
  const nullable = [schema.type].flat().includes('null');
  const nothing = nullable ? [factory.createLiteralTypeNode(factory.createNull())] : [];
  return factory.createUnionTypeNode([...literals, anyText, ...nothing]);
}
