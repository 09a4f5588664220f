import type { OpenAPI3 } from 'openapi-typescript';
import { astToString } from 'openapi-typescript/dist/lib/ts.mjs';
import { resolveRef, scanDiscriminators } from 'openapi-typescript/dist/lib/utils.mjs';
import transformSchema from 'openapi-typescript/dist/transform/index.mjs';
import ts from 'typescript';
import { knownValues } from './open-enums.ts';
import { type Document, resolve } from './openapi.ts';

/**
 * Returns `types.ts`: openapi-typescript's `paths`, `components`, and `operations` of a client view, which it changes.
 * @throws {GenerationError} a reference has no target
 */
export function emitTypes(view: Document): string[] {
  refuseDanglingReferences(view, view);
  const source = view as unknown as OpenAPI3;
  const nodes = transformSchema(source, {
    additionalProperties: false,
    // The vendor's order matches their docs and keeps the diff of a new document readable.
    alphabetize: false,
    arrayLength: false,
    conditionalEnums: false,
    dedupeEnums: false,
    // A request can omit a property with a default. In responses, only `required` decides what is present.
    defaultNonNullable: false,
    discriminators: scanDiscriminators(source, {}),
    // `type: object` without properties is an object with unknown properties, not `Record<string, never>`.
    emptyObjectsUnknown: true,
    // Unions of literals have no runtime code, and callers write a value without an import.
    enum: false,
    enumValues: false,
    excludeDeprecated: false,
    exportType: false,
    generatePathParams: false,
    immutable: false,
    injectFooter: [],
    makePathsEnum: false,
    pathParamsAsTypes: false,
    postTransform: undefined,
    propertiesRequiredByDefault: false,
    readWriteMarkers: false,
    resolve: <T>(reference: string) => resolveRef<T>(source, reference, { silent: true }),
    rootTypes: false,
    rootTypesKeepCasing: false,
    rootTypesNoSchemaPrefix: false,
    silent: true,
    transform: (schema) => openUnion(schema),
    transformProperty: undefined,
  });
  return astToString(nodes).trimEnd().split('\n');
}

function refuseDanglingReferences(view: Document, node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  if ('$ref' in node && typeof node.$ref === 'string') resolve(view, { $ref: node.$ref });
  for (const member of Object.values(node)) refuseDanglingReferences(view, member);
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
