import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Document, pointerTo, resolve, type Schema } from './openapi.ts';
import { type Node, walk } from './walk.ts';

interface ExampleInDocument {
  readonly path: readonly string[];
  readonly value: unknown;
  /** Pointer to the schema of the example. */
  readonly schema: string;
}

/** Checks values against the schemas of one document. */
export class ExampleValidator {
  // Each schema checks few values, so that optimized code does not pay.
  readonly #ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    logger: false,
    validateSchema: false,
    inlineRefs: false,
    code: { optimize: false },
  });

  readonly #document: Document;
  /** By the content of the schema. Many schemas are the same but for their words, and compiling one takes long. */
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(document: Document) {
    this.#document = document;
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, 'document', undefined, false);
  }

  /** Returns the errors of `value`, or undefined. `schema` is a pointer into the document, such as `#/components/schemas/Instance`. */
  check(value: unknown, schema: string): string | undefined {
    const key = contentOf(resolve<Schema>(this.#document, { $ref: schema }));
    const validate = this.#compiled.get(key) ?? this.#ajv.compile({ $ref: `document${schema}` });
    this.#compiled.set(key, validate);
    if (validate(value)) return undefined;
    const complaints = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`.trim());
    return [...new Set(complaints)].join('; ');
  }
}

const words = new Set(['description', 'title', 'example']);

/** Returns what decides whether a value is valid, and little else. */
function contentOf(schema: Schema): string {
  return JSON.stringify(schema, (key, value: unknown) =>
    words.has(key) && typeof value === 'string' ? undefined : value,
  );
}

/** Returns one line for every example or default that violates its schema. */
export function wrongExamples(document: Document): string[] {
  const validator = new ExampleValidator(document);
  return examplesOf(document).flatMap(({ path, value, schema }) => {
    const complaint = validator.check(value, schema);
    return complaint === undefined ? [] : [`${pointerTo(path)}: ${JSON.stringify(value)} ${complaint}`];
  });
}

function examplesOf(document: Document): ExampleInDocument[] {
  return [...walk(document)].flatMap((node) => {
    if (node.kind === 'schema') return examplesOfSchema(node);
    if (node.kind === 'mediaType' || node.kind === 'parameter') return examplesBesideSchema(document, node);
    return [];
  });
}

function examplesOfSchema({ value: node, path }: Node): ExampleInDocument[] {
  const schema = pointerTo(path);
  const several = Array.isArray(node.examples) ? node.examples : [];
  return [
    ...(['example', 'default'] as const)
      .filter((key) => Object.hasOwn(node, key))
      .map((key) => ({ path: [...path, key], value: node[key], schema })),
    ...several.map((value, index) => ({ path: [...path, 'examples', String(index)], value, schema })),
  ];
}

/** Media types, parameters, and headers have `example` or `examples` beside their `schema`. */
function examplesBesideSchema(document: Document, { value: node, path }: Node): ExampleInDocument[] {
  if (typeof node.schema !== 'object' || node.schema === null) return [];
  const schema = pointerTo([...path, 'schema']);
  const named = Object.entries((node.examples ?? {}) as Record<string, { value?: unknown } | { $ref: string }>);
  return [
    ...(Object.hasOwn(node, 'example') ? [{ path: [...path, 'example'], value: node.example, schema }] : []),
    ...named.map(([name, example]) => ({
      path: [...path, 'examples', name],
      value: resolve<{ value?: unknown }>(document, example).value,
      schema,
    })),
  ];
}
