import type { AnswerSchema, AnswerSchemas } from '@gpu-clouds/core/validate';
import { GenerationError } from './generation-error.ts';
import { knownValues } from './open-enums.ts';
import { type Document, type OperationEntry, type ResponseObject, resolve, type Schema } from './openapi.ts';
import { sourceLiteral } from './source-literal.ts';

/** Keywords that say nothing about what is valid, or that a union of answers needs no more. */
const words = new Set([
  ...['description', 'title', 'example', 'examples', 'default', 'deprecated', 'discriminator', 'x-open-enum'],
  ...['readOnly', 'writeOnly', 'externalDocs'],
]);

const checked = new Set(['type', 'enum', 'const', 'format', 'minimum', 'maximum', 'required']);

/** Formats that say how wide a number is, or that a text is not to be shown. */
const unchecked = new Set(['double', 'float', 'int32', 'int64', 'password']);

const component = /^#\/components\/schemas\/([\w.-]+)$/;

/** What the drift detection reads: the schemas of all answers, and those they refer to. `document` has folded open enums. */
export function answerSchemas(document: Document, entries: readonly OperationEntry[]): AnswerSchemas {
  const named = new Set<string>();
  const operations = Object.fromEntries(entries.map((entry) => [entry.id, answersOf(document, entry, named)]));
  const schemas: Record<string, AnswerSchema> = {};
  // A set goes on to what is added to it while it is walked.
  for (const name of named) {
    const schema = document.components?.schemas?.[name];
    if (!schema) throw new GenerationError(`#/components/schemas/${name} leads nowhere.`);
    schemas[name] = reduced(schema, `#/components/schemas/${name}`, named);
  }
  return { operations, schemas };
}

function answersOf(document: Document, { id, operation }: OperationEntry, named: Set<string>) {
  const answers: Record<string, AnswerSchema | null> = {};
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const { content = {} } = resolve<ResponseObject>(document, response);
    // An id that comes as bare text or as JSON has the same schema twice.
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

/** The schema without words for people. A keyword that the drift detection does not know fails the run. */
function reduced(schema: Schema, place: string, named: Set<string>): AnswerSchema {
  const result: Record<string, unknown> = {};
  const below = (part: Schema) => reduced(part, place, named);
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$ref') result.$ref = nameOf(String(value), place, named);
    else if (keyword === 'properties') result.properties = mapped(value as Record<string, Schema>, below);
    else if (keyword === 'items') result.items = below(value as Schema);
    else if (keyword === 'additionalProperties')
      result.additionalProperties = typeof value === 'object' ? below(value as Schema) : value;
    else if (keyword === 'allOf') result.allOf = (value as Schema[]).map(below);
    // A client's type is the union of the branches: which one it is, or that it is several, is no drift.
    else if (keyword === 'anyOf' || keyword === 'oneOf') result.anyOf = (value as Schema[]).map(below);
    else if (keyword === knownValues) result.known = value;
    else if (keyword === 'format') {
      if (!unchecked.has(String(value))) result.format = value;
    } else if (checked.has(keyword)) result[keyword] = value;
    else if (!words.has(keyword)) {
      throw new GenerationError(`${place} has the keyword ${keyword}, which drift detection does not know yet.`);
    }
  }
  return result;
}

function nameOf(reference: string, place: string, named: Set<string>): string {
  const name = component.exec(reference)?.[1];
  if (name === undefined) throw new GenerationError(`${place} refers to ${reference}, which is no component schema.`);
  named.add(name);
  return name;
}

function mapped<T, U>(members: Readonly<Record<string, T>>, change: (member: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member)]));
}

/** `answers.ts`: one operation and one schema a line. */
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
