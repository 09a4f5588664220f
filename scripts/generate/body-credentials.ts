import { GenerationError } from './generation-error.ts';
import {
  type Document,
  listOperations,
  type MediaType,
  type OperationEntry,
  type OperationObject,
  type RequestBody,
  resolve,
  type Schema,
} from './openapi.ts';

/** Where an operation sends its credentials. The overlay sets it on each operation of a vendor with body credentials. */
export type CredentialPlace = 'form' | 'query' | 'none';

/** Returns `x-credentials` of an operation. Throws if the document contradicts it. */
export function credentialPlace(
  document: Document,
  { id, operation }: OperationEntry,
  credentials: readonly string[],
): CredentialPlace {
  const place = operation['x-credentials'];
  if (place !== 'form' && place !== 'query' && place !== 'none') {
    throw new GenerationError(`${id} has x-credentials ${JSON.stringify(place)}. Set it to form, query, or none.`);
  }
  const inBody = bodySchemas(document, operation.requestBody).some((schema) => {
    const names = propertyNames(document, schema);
    return credentials.every((name) => names.has(name));
  });
  if (inBody !== (place === 'form')) {
    const fact = inBody ? 'its body has the credentials' : `its body has no ${credentials.join(' and ')}`;
    throw new GenerationError(`${id} has x-credentials: ${place}, but ${fact}.`);
  }
  return place;
}

/**
 * Removes the credentials from every request body. A body with only credentials is removed. A body that requires
 * nothing else becomes optional.
 */
export function stripBodyCredentials(document: Document, credentials: readonly string[]): void {
  const bodies = listOperations(document).filter(({ operation }) => operation.requestBody !== undefined);
  const schemas = new Set(
    bodies.flatMap(({ operation }) =>
      bodySchemas(document, operation.requestBody).flatMap((schema) => parts(document, schema)),
    ),
  );
  refuseAbsent(schemas, credentials);
  const emptied = new Set([...schemas].filter((schema) => stripProperties(schema, credentials)));
  for (const { operation } of bodies) loosenBody(document, operation, emptied);
  for (const schema of schemas) dropEmptiedParts(document, schema, emptied);
  dropEmptiedComponents(document, emptied);
}

function refuseAbsent(schemas: ReadonlySet<Schema>, credentials: readonly string[]): void {
  const absent = credentials.filter(
    (name) => ![...schemas].some((schema) => Object.hasOwn(schema.properties ?? {}, name)),
  );
  if (absent.length > 0) throw new GenerationError(`No request body has the declared credential ${absent.join(', ')}.`);
}

/** Removes the credentials. Returns true if the schema had nothing else. */
function stripProperties(schema: Schema, credentials: readonly string[]): boolean {
  const { properties = {} } = schema;
  const found = credentials.filter((name) => Object.hasOwn(properties, name));
  for (const name of found) delete properties[name];
  if (schema.required) schema.required = schema.required.filter((name) => !credentials.includes(name));
  return found.length > 0 && Object.keys(properties).length === 0 && !schema.allOf && !schema.anyOf && !schema.oneOf;
}

function loosenBody(document: Document, operation: OperationObject, emptied: ReadonlySet<Schema>): void {
  const all = bodySchemas(document, operation.requestBody).flatMap((schema) => parts(document, schema));
  if (!all.some((part) => emptied.has(part))) return;
  if (all.every((part) => emptied.has(part) || describesNothing(part))) delete operation.requestBody;
  else if (operation.requestBody && all.every((part) => (part.required ?? []).length === 0)) {
    operation.requestBody = { ...resolve<RequestBody>(document, operation.requestBody), required: false };
  }
}

function describesNothing(schema: Schema): boolean {
  return Object.keys(schema.properties ?? {}).length === 0;
}

function dropEmptiedParts(document: Document, schema: Schema, emptied: ReadonlySet<Schema>): void {
  if (!schema.allOf) return;
  const left = schema.allOf.filter((part) => !emptied.has(resolve<Schema>(document, part)));
  if (left.length > 0) schema.allOf = left;
  else delete schema.allOf;
}

function dropEmptiedComponents(document: Document, emptied: ReadonlySet<Schema>): void {
  const schemas = document.components?.schemas ?? {};
  for (const [name, schema] of Object.entries(schemas)) if (emptied.has(schema)) delete schemas[name];
}

function bodySchemas(document: Document, body: OperationEntry['operation']['requestBody']): Schema[] {
  if (body === undefined) return [];
  const content: MediaType[] = Object.values(resolve<RequestBody>(document, body).content);
  return content.flatMap(({ schema }) => (schema ? [schema] : []));
}

function propertyNames(document: Document, schema: Schema): Set<string> {
  return new Set(parts(document, schema).flatMap((part) => Object.keys(part.properties ?? {})));
}

/** Returns the schema and all its `allOf`, `anyOf`, and `oneOf` parts. */
function parts(document: Document, schema: Schema): Schema[] {
  const own = resolve<Schema>(document, schema);
  const composed = [...(own.allOf ?? []), ...(own.anyOf ?? []), ...(own.oneOf ?? [])];
  return [own, ...composed.flatMap((part) => parts(document, part))];
}
