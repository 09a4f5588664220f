import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import ts from 'typescript';
import { GenerationError } from './generation-error.ts';
import { knownValues } from './open-enums.ts';
import type { Document } from './openapi.ts';

/** Returns `types.ts`: openapi-typescript's `paths`, `components`, and `operations` of a client view. */
export async function emitTypes(view: Document): Promise<string[]> {
  const nodes = await openapiTS(structuredClone(view) as unknown as OpenAPI3, {
    // The vendor's order matches their docs and keeps the diff of a new document readable.
    alphabetize: false,
    // A request can omit a property with a default. In responses, only `required` decides what is present.
    defaultNonNullable: false,
    // `type: object` without properties is an object with unknown properties, not `Record<string, never>`.
    emptyObjectsUnknown: true,
    // Unions of literals have no runtime code, and callers write a value without an import.
    enum: false,
    silent: true,
    transform: (schema) => openUnion(schema),
  }).catch((error: Error) => {
    throw new GenerationError(`openapi-typescript: ${error.message}`);
  });
  return astToString(nodes).trimEnd().split('\n');
}

/** Returns `'running' | 'stopped' | (string & {})`: an editor suggests the known values, and any string type-checks. */
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
