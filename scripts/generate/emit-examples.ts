import type { Example, ExampleTable } from '@gpu-clouds/core';
import { sample } from 'openapi-sampler';
import { GenerationError } from './generation-error.ts';
import { type Document, type OperationEntry, pointerTo, resolve } from './openapi.ts';
import { type SuccessAnswer, successAnswer } from './success-answer.ts';

/** Returns the errors of a value, or undefined. `schema` is a pointer into the document. */
export type CheckExample = (value: unknown, schema: string) => string | undefined;

/**
 * Returns the default response of every operation: the document's example, or one composed of the schemas' examples.
 * @param check checks the examples. Default: they are known to be valid
 */
export function exampleTable(
  document: Document,
  entries: readonly OperationEntry[],
  check: CheckExample = () => undefined,
): ExampleTable {
  return Object.fromEntries(entries.map((entry) => [entry.id, exampleOf(document, entry, check)]));
}

function exampleOf(document: Document, entry: OperationEntry, check: CheckExample): Example {
  const answer = successAnswer(document, entry);
  const { status, contentType, schema, path } = answer;
  if (contentType === undefined) return { status };
  const body = bodyOf(document, answer);
  const complaint = schema && check(body, pointerTo([...path, 'schema']));
  if (complaint) {
    throw new GenerationError(
      `${entry.id}: The example composed of the schemas' examples, ${JSON.stringify(body)}, is invalid: ${complaint}. Add an overlay action with an example.`,
    );
  }
  return { status, contentType, body };
}

function bodyOf(document: Document, { mediaType = {}, schema }: SuccessAnswer): unknown {
  if (Object.hasOwn(mediaType, 'example')) return mediaType.example;
  const [named] = Object.values(mediaType.examples ?? {});
  if (named) return resolve<{ value?: unknown }>(document, named).value;
  return schema ? sample(schema as Parameters<typeof sample>[0], { quiet: true }, document) : {};
}

/** Returns `examples.ts`. */
export function emitExamples(table: ExampleTable): string[] {
  return [
    "import type { ExampleTable } from '@gpu-clouds/core';",
    '',
    "/** The answer that the mock handlers give by default, by operationId, from the document's examples. */",
    'export const examples = {',
    ...Object.entries(table).flatMap(([id, example]) => emitExample(id, example)),
    '} satisfies ExampleTable;',
  ];
}

function emitExample(id: string, example: Example): string[] {
  const [first = '', ...rest] = JSON.stringify(example, null, 2).split('\n');
  return [`  ${id}: ${first}`, ...rest.map((line) => `  ${line}`)].map((line, index, all) =>
    index === all.length - 1 ? `${line},` : line,
  );
}
