import { expect, test } from 'vitest';
import { answerOf, documentOf } from './__fixtures__/document.ts';
import { exampleTable } from './emit-examples.ts';
import { ExampleValidator } from './examples-in-document.ts';
import { listOperations, type MediaType, type OperationObject } from './openapi.ts';

function exampleOf(operation: Partial<OperationObject>): unknown {
  const document = documentOf({ 'GET /thing': { operationId: 'getThing', ...operation } });
  const validator = new ExampleValidator(document);
  return exampleTable(document, listOperations(document), (value, schema) => validator.check(value, schema)).getThing;
}

test("a response's example takes precedence over its first named example", () => {
  const content = (mediaType: MediaType) => ({ responses: { 200: { content: { 'application/json': mediaType } } } });
  expect(exampleOf(content({ example: 1, schema: { type: 'integer' } }))).toMatchObject({ body: 1 });
  expect(exampleOf(content({ examples: { a: { value: 2 }, b: { value: 3 } } }))).toMatchObject({ body: 2 });
});

test('the default response is the lowest 2xx status in its first media type', () => {
  const responses = {
    404: { description: 'None' },
    202: { content: { 'text/plain': { example: 'id' }, 'application/json': { example: '"id"' } } },
    204: { description: 'Nothing' },
  };
  expect(exampleOf({ responses })).toEqual({ status: 202, contentType: 'text/plain', body: 'id' });
});

test('a response without a valid example is an error that asks for one', () => {
  const schema = { type: 'string', pattern: '^whk_', example: 'hook' };
  expect(() => exampleOf(answerOf(schema))).toThrow(
    /getThing: .*"hook", is invalid: must match pattern.*Add an overlay action with an example/,
  );
});
