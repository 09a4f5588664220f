import { GenerationError } from './generation-error.ts';
import { type Document, type OperationEntry, resolve, type Schema } from './openapi.ts';
import { successAnswer } from './success-answer.ts';
import type { ThrownFailure } from './vendor-rules.ts';

/** Returns the IDs of operations whose methods throw a failure that the document declares as a 2xx response. */
export function throwingOperations(
  document: Document,
  entries: readonly OperationEntry[],
  rule: ThrownFailure | undefined,
): ReadonlySet<string> {
  if (!rule) return new Set();
  const failing = entries.filter((entry) => hasBranch(document, entry, rule.schema)).map(({ id }) => id);
  const stray = rule.answerOf.filter((id) => !failing.includes(id));
  if (stray.length > 0) throw new GenerationError(`${rule.schema} is not a response of ${stray.join(', ')}.`);
  const throwing = failing.filter((id) => !rule.answerOf.includes(id));
  if (throwing.length === 0) throw new GenerationError(`No operation returns the declared failure ${rule.schema}.`);
  return new Set(throwing);
}

/** Returns the type that excludes the failure from an operation's responses. */
export function succeedingType(schema: string): string[] {
  const answer = "Op['responses'][200]['content']['application/json']";
  return [
    '/** The operation without the failure that comes with status 200: a method throws it. */',
    "type Succeeding<Op extends { responses: { 200: { content: { 'application/json': unknown } } } }> = Omit<Op, 'responses'> & {",
    `  responses: { 200: { content: { 'application/json': Exclude<${answer}, components['schemas']['${schema}']> } } };`,
    '};',
  ];
}

function hasBranch(document: Document, entry: OperationEntry, name: string): boolean {
  const { status, contentType, schema } = successAnswer(document, entry);
  if (!schema) return false;
  const { oneOf = [], anyOf = [] } = resolve<Schema>(document, schema);
  const found = [...oneOf, ...anyOf].some(({ $ref }) => $ref === `#/components/schemas/${name}`);
  if (found && (status !== 200 || contentType !== 'application/json')) {
    throw new GenerationError(
      `${entry.id} returns ${name} with ${status} ${contentType}. Clients support it with 200 and JSON only.`,
    );
  }
  return found;
}
