import { expect, test } from 'vitest';
import { answerOf, documentOf } from './__fixtures__/document.ts';
import { answerSchemas, emitAnswers } from './emit-answers.ts';
import { listOperations, type Schema } from './openapi.ts';

function schemasOf(schema: Schema, schemas: Record<string, Schema> = {}) {
  const document = documentOf({ 'GET /thing': { operationId: 'getThing', ...answerOf(schema) } }, schemas);
  return answerSchemas(document, listOperations(document));
}

const answerTo = (schema: Schema) => schemasOf(schema).operations.getThing?.[200];

test('a response schema keeps the keywords that can be checked and drops descriptive ones', () => {
  const schema = {
    ...{ type: 'object', description: 'A thing', example: { id: 1 }, required: ['id'], deprecated: true },
    properties: { id: { type: 'integer', format: 'int32', minimum: 1, title: 'Id' } },
  };
  expect(answerTo(schema)).toEqual({
    ...{ type: 'object', required: ['id'] },
    properties: { id: { type: 'integer', minimum: 1 } },
  });
});

test('a response schema keeps the known values of an open enum', () => {
  const open = { 'x-open-enum': true, anyOf: [{ type: 'string', enum: ['a', 'b'] }, { type: 'string' }] };
  expect(answerTo(open)).toEqual({ type: 'string', known: ['a', 'b'] });
});

test('oneOf in a response schema becomes anyOf', () => {
  expect(answerTo({ oneOf: [{ type: 'string' }, { type: 'null' }], discriminator: { propertyName: 'a' } })).toEqual({
    anyOf: [{ type: 'string' }, { type: 'null' }],
  });
});

test('answers include the schemas that responses refer to, transitively, and no others', () => {
  const reference = { $ref: '#/components/schemas/A' };
  const { operations, schemas } = schemasOf(reference, {
    A: { type: 'array', items: { $ref: '#/components/schemas/B' } },
    B: { anyOf: [{ $ref: '#/components/schemas/A' }, { type: 'string' }] },
    Unused: { type: 'string' },
  });
  expect(operations.getThing?.[200]).toEqual({ $ref: 'A' });
  expect(Object.keys(schemas)).toEqual(['A', 'B']);
  expect(emitAnswers({ operations, schemas })).toContain('    "A": { type: "array", items: { $ref: "B" } },');
});

test('an unknown keyword in a response schema is an error', () => {
  expect(() => answerTo({ type: 'string', pattern: '^a' })).toThrow(
    'getThing 200 has the keyword pattern, which drift detection does not support.',
  );
});

test('a reference from a response to something other than a component schema is an error', () => {
  expect(() => answerTo({ $ref: '#/paths/~1thing' })).toThrow('refers to #/paths/~1thing');
});
