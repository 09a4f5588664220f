import { GenerationError } from './generation-error.ts';

/**
 * The parts of an OpenAPI 3.1 document that generation reads. Redocly's `struct` rule checks the shape of a document
 * before generation reads it.
 */
export interface Document {
  openapi: string;
  info: { title: string; version: string; description?: string };
  servers?: { url: string }[];
  security?: SecurityRequirement[];
  paths: Record<string, PathItem>;
  components?: {
    schemas?: Record<string, Schema>;
    securitySchemes?: Record<string, unknown>;
    [kind: string]: unknown;
  };
  [key: string]: unknown;
}

/** Returns `value` as a document. Throws if it has no valid paths. */
export function asDocument(value: unknown, file: string): Document {
  const paths = isObject(value) ? value.paths : undefined;
  if (isObject(paths) && Object.values(paths).every(isObject)) return value as Document;
  throw new GenerationError(
    `${file} is not an OpenAPI document: "paths" is missing, or one of its values is not an object.`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface Reference {
  $ref: string;
}

export type SecurityRequirement = Record<string, string[]>;

export interface PathItem {
  parameters?: (Parameter | Reference)[];
  [method: string]: unknown;
}

export interface OperationObject {
  operationId?: string;
  summary?: string;
  tags?: string[];
  description?: string;
  deprecated?: boolean;
  parameters?: (Parameter | Reference)[];
  requestBody?: RequestBody | Reference;
  responses?: Record<string, ResponseObject | Reference>;
  security?: SecurityRequirement[];
  [key: string]: unknown;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: Schema;
  [key: string]: unknown;
}

export interface RequestBody {
  required?: boolean;
  content: Record<string, MediaType>;
  [key: string]: unknown;
}

export interface ResponseObject {
  description?: string;
  headers?: Record<string, unknown>;
  content?: Record<string, MediaType>;
  [key: string]: unknown;
}

export interface MediaType {
  schema?: Schema;
  example?: unknown;
  examples?: Record<string, { value?: unknown } | Reference>;
  [key: string]: unknown;
}

export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  [key: string]: unknown;
}

export const methods = ['get', 'put', 'post', 'patch', 'delete'] as const;
const unsupportedMethods = ['head', 'options', 'trace'] as const;

export interface OperationEntry {
  readonly id: string;
  readonly method: (typeof methods)[number];
  readonly path: string;
  readonly operation: OperationObject;
  /** The parameters of the operation and its path, with resolved references. */
  readonly parameters: readonly Parameter[];
}

/** Returns every operation, in the document's order. */
export function listOperations(document: Document): OperationEntry[] {
  return Object.entries(document.paths).flatMap(([path, item]) => {
    const unsupported = unsupportedMethods.find((method) => item[method]);
    if (unsupported)
      throw new GenerationError(`${unsupported.toUpperCase()} ${path}: Clients do not support this HTTP method.`);
    return methods.filter((method) => item[method]).map((method) => entry(document, path, item, method));
  });
}

function entry(document: Document, path: string, item: PathItem, method: OperationEntry['method']): OperationEntry {
  const operation = item[method] as OperationObject;
  const id = operation.operationId;
  if (!id || !/^[a-z][A-Za-z0-9]*$/.test(id)) {
    throw new GenerationError(
      `${method.toUpperCase()} ${path}: The operationId ${JSON.stringify(id)} is not a valid method name. Add an overlay action that sets one, for example "listThings".`,
    );
  }
  const own = (operation.parameters ?? []).map((parameter) => resolve<Parameter>(document, parameter));
  const inherited = (item.parameters ?? [])
    .map((parameter) => resolve<Parameter>(document, parameter))
    .filter(({ name, in: place }) => !own.some((parameter) => parameter.name === name && parameter.in === place));
  return { id, method, path, operation, parameters: [...inherited, ...own] };
}

/** Returns the node, or the target of its `$ref`. References never leave the document. */
export function resolve<T extends object>(document: Document, node: T | Reference): T {
  return follow(document, node, []).node;
}

/** Like `resolve`, and also returns the path of the result. `path` is the path of `node`. */
export function follow<T extends object>(
  document: Document,
  node: T | Reference,
  path: readonly string[],
): { node: T; path: readonly string[] } {
  if (!isReference(node)) return { node, path };
  const target = parsePointer(node.$ref);
  const found = target.reduce<unknown>((parent, token) => memberOf(parent, token), document);
  if (typeof found !== 'object' || found === null) throw new GenerationError(`${node.$ref} has no target.`);
  if (found === node) throw new GenerationError(`${node.$ref} refers to itself.`);
  return follow(document, found as T | Reference, target);
}

function isReference(node: object): node is Reference {
  return '$ref' in node && typeof node.$ref === 'string';
}

function memberOf(parent: unknown, token: string): unknown {
  return typeof parent === 'object' && parent !== null ? (parent as Record<string, unknown>)[token] : undefined;
}

function parsePointer(reference: string): string[] {
  if (!reference.startsWith('#/')) throw new GenerationError(`${reference} refers to another document.`);
  return decodeURIComponent(reference.slice(2))
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Returns a JSON Pointer as a percent-encoded URI fragment: `#/paths/~1v1~1instances/get`. */
export function pointerTo(path: readonly string[]): string {
  return `#${path.map((token) => `/${encodeURIComponent(token.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`;
}
