import { GenerationError } from './generation-error.ts';
import { type Document, type OperationEntry, resolve, type Schema } from './openapi.ts';
import { successAnswer } from './success-answer.ts';
import type { ThrownFailure } from './vendor-rules.ts';

/** Ids of the operations whose methods throw a failure that the document has among their 2xx answers. */
export function throwingOperations(
  document: Document,
  entries: readonly OperationEntry[],
  rule: ThrownFailure | undefined,
): ReadonlySet<string> {
  if (!rule) return new Set();
  const failing = entries.filter((entry) => hasBranch(document, entry, rule.schema)).map(({ id }) => id);
  const stray = rule.answerOf.filter((id) => !failing.includes(id));
  if (stray.length > 0) throw new GenerationError(`${stray.join(', ')} cannot answer with ${rule.schema}.`);
  const throwing = failing.filter((id) => !rule.answerOf.includes(id));
  if (throwing.length === 0)
    throw new GenerationError(`No operation answers with the declared failure ${rule.schema}.`);
  return new Set(throwing);
}

/** The type that takes the failure out of an operation's answer. */
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
    throw new GenerationError(`${entry.id} answers ${name} with ${status} ${contentType}; it has to be 200 and JSON.`);
  }
  return found;
}
