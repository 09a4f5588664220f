import type { AnswerSchema, AnswerSchemas } from '@gpu-clouds/core/validate';
import { GenerationError } from './generation-error.ts';
import { foldedEnum, knownValues } from './open-enums.ts';
import { type Document, type OperationEntry, type ResponseObject, resolve, type Schema } from './openapi.ts';
import { sourceLiteral } from './source-literal.ts';

/** Keywords that do not affect validity, or that a union of responses does not need. */
const words = new Set([
  ...['description', 'title', 'example', 'examples', 'default', 'deprecated', 'discriminator'],
  ...['readOnly', 'writeOnly', 'externalDocs'],
]);

const checked = new Set(['type', 'enum', 'const', 'format', 'minimum', 'maximum', 'required']);

/** Formats that describe the width of a number or that a string is secret. */
const unchecked = new Set(['double', 'float', 'int32', 'int64', 'password']);

const component = /^#\/components\/schemas\/([\w.-]+)$/;

/** Returns the schemas of all responses and those they refer to, for drift detection. */
export function answerSchemas(document: Document, entries: readonly OperationEntry[]): AnswerSchemas {
  const named = new Set<string>();
  const operations = Object.fromEntries(entries.map((entry) => [entry.id, answersOf(document, entry, named)]));
  const schemas: Record<string, AnswerSchema> = {};
  // Iterating a set includes the elements that are added meanwhile.
  for (const name of named) {
    const schema = document.components?.schemas?.[name];
    if (!schema) throw new GenerationError(`#/components/schemas/${name} has no target.`);
    schemas[name] = reduced(schema, `#/components/schemas/${name}`, named);
  }
  return { operations, schemas };
}

function answersOf(document: Document, { id, operation }: OperationEntry, named: Set<string>) {
  const answers: Record<string, AnswerSchema | null> = {};
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const { content = {} } = resolve<ResponseObject>(document, response);
    // A response with two media types, text and JSON, can have the same schema twice.
    const distinct = new Map<string, AnswerSchema>();
    for (const { schema } of Object.values(content)) {
      const one = schema ? reduced(schema, `${id} ${status}`, named) : {};
      distinct.set(JSON.stringify(one), one);
    }
    const [first, ...others] = distinct.values();
    answers[status] = first === undefined ? null : others.length > 0 ? { anyOf: [first, ...others] } : first;
  }
  return answers;
}

/** Returns the schema without descriptive keywords. Throws for a keyword that drift detection does not know. */
function reduced(schema: Schema, place: string, named: Set<string>): AnswerSchema {
  const result: Record<string, unknown> = {};
  const below = (part: Schema) => reduced(part, place, named);
  for (const [keyword, value] of Object.entries(foldedEnum(schema, place))) {
    if (keyword === '$ref') result.$ref = nameOf(String(value), place, named);
    else if (keyword === 'properties') result.properties = mapped(value as Record<string, Schema>, below);
    else if (keyword === 'items') result.items = below(value as Schema);
    else if (keyword === 'additionalProperties')
      result.additionalProperties = typeof value === 'object' ? below(value as Schema) : value;
    else if (keyword === 'allOf') result.allOf = (value as Schema[]).map(below);
    // A client's type is the union of the branches, so a match of any or several branches is not drift.
    else if (keyword === 'anyOf' || keyword === 'oneOf') result.anyOf = (value as Schema[]).map(below);
    else if (keyword === knownValues) result.known = value;
    else if (keyword === 'format') {
      if (!unchecked.has(String(value))) result.format = value;
    } else if (checked.has(keyword)) result[keyword] = value;
    else if (!words.has(keyword) && !keyword.startsWith('x-')) {
      throw new GenerationError(`${place} has the keyword ${keyword}, which drift detection does not support.`);
    }
  }
  return result;
}

function nameOf(reference: string, place: string, named: Set<string>): string {
  const name = component.exec(reference)?.[1];
  if (name === undefined)
    throw new GenerationError(`${place} refers to ${reference}, which is not a component schema.`);
  named.add(name);
  return name;
}

function mapped<T, U>(members: Readonly<Record<string, T>>, change: (member: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member)]));
}

/** Returns `answers.ts`, with one operation or schema per line. */
export function emitAnswers({ operations, schemas }: AnswerSchemas): string[] {
  const lines = (members: Readonly<Record<string, unknown>>) =>
    Object.entries(members).map(([name, member]) => `    ${JSON.stringify(name)}: ${sourceLiteral(member)},`);
  return [
    "import type { AnswerSchemas } from '@gpu-clouds/core/validate';",
    '',
    '/** What the patched document says of the answers, for drift detection. */',
    'export const answers: AnswerSchemas = {',
    '  operations: {',
    ...lines(operations),
    '  },',
    '  schemas: {',
    ...lines(schemas),
    '  },',
    '};',
  ];
}
