import { describe, expect, test } from 'vitest';
import { type AnswerSchema, check, type DriftDetail } from './validate-schema.ts';

const schemas: Record<string, AnswerSchema> = {
  Thing: {
    type: 'object',
    required: ['id', 'status'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      status: { type: 'string', known: ['new', 'old'] },
      note: { type: ['string', 'null'] },
      parts: { type: 'array', items: { $ref: 'Thing' } },
    },
  },
};
const id = '3f0d0b0c-6a51-4b6e-9a53-8a1f0e6f1b22';
const thing = { $ref: 'Thing' };

function issues(schema: AnswerSchema, value: unknown, detail: DriftDetail = {}): string[] {
  return check(schema, value, '', { schemas, ...detail }).map(
    ({ kind, path, message }) => `${kind} ${path} ${message}`,
  );
}

describe('an answer', () => {
  test('a documented response has no issues', () => {
    expect(issues(thing, { id, status: 'new', note: null, parts: [{ id, status: 'old' }] })).toEqual([]);
  });

  test('issues name the path of a difference at any depth', () => {
    expect(issues(thing, { id: 'x', parts: [{ id, status: 1, note: 2 }, null] })).toEqual([
      'missing /status is missing',
      'format /id must be a uuid',
      'type /parts/0/status must be string, is number',
      'type /parts/0/note must be string or null, is number',
      'type /parts/1 must be object, is null',
    ]);
  });

  test('unknown fields and values are not reported by default', () => {
    const grown = { id, status: 'newer', colour: 'red', parts: [{ id, status: 'new', 'a/b': 1 }] };
    expect(issues(thing, grown)).toEqual([]);
    expect(issues(thing, grown, { unknownValues: true })).toEqual([
      'unknown-value /status is "newer", so far "new" or "old"',
    ]);
    expect(issues(thing, grown, { unknownFields: true })).toEqual([
      'unknown-field /parts/0/a~1b is not in the document',
      'unknown-field /colour is not in the document',
    ]);
  });
});

test.each<[AnswerSchema, unknown, string[]]>([
  [{ type: 'integer' }, 1, []],
  [{ type: 'integer' }, 1.5, ['type  must be integer, is number']],
  [{ type: 'number' }, 1, []],
  [{ type: 'boolean' }, 'true', ['type  must be boolean, is string']],
  [{ type: 'array' }, {}, ['type  must be array, is object']],
  [{ type: 'null' }, null, []],
  [{}, { anything: true }, []],
  [{ enum: ['a', null] }, null, []],
  [{ enum: ['a', 'b'] }, 'c', ['value  must be "a" or "b", is "c"']],
  [{ const: false }, false, []],
  [{ const: false }, true, ['value  must be false, is true']],
  [{ type: 'integer', minimum: 1, maximum: 8 }, 9, ['range  must be from 1 to 8']],
  [{ type: 'integer', minimum: 1 }, 1, []],
  [{ type: 'string', format: 'date-time' }, '2026-10-01T08:00:00Z', []],
  [{ type: 'string', format: 'date-time' }, 'yesterday', ['format  must be a date-time']],
  [{ type: 'string', format: 'uri' }, 'https://a.test', []],
  [{ type: 'string', format: 'uri' }, 'a', ['format  must be a uri']],
  [{ type: 'string', format: 'of-tomorrow' }, 'a', []],
  [
    { type: 'object', additionalProperties: { type: 'number' } },
    { a: 1, b: '2' },
    ['type /b must be number, is string'],
  ],
  [{ type: 'object', additionalProperties: false }, { a: 1 }, []],
  [{ allOf: [{ type: 'object', required: ['a'] }, { required: ['b'] }] }, { a: 1 }, ['missing /b is missing']],
])('check of schema %j with value %j returns %j', (schema, value, expected) => {
  expect(issues(schema, value)).toEqual(expected);
});

describe('a union', () => {
  const union: AnswerSchema = {
    anyOf: [
      {
        type: 'object',
        required: ['success', 'error'],
        properties: { success: { const: false }, error: { type: 'string' } },
      },
      {
        type: 'object',
        required: ['success', 'cost'],
        properties: { success: { const: true }, cost: { type: 'number' } },
      },
      { type: 'null' },
    ],
  };

  test('a union matches if any of its branches does', () => {
    expect(issues(union, { success: true, cost: 1 })).toEqual([]);
    expect(issues(union, { success: false, error: 'no' })).toEqual([]);
    expect(issues(union, null)).toEqual([]);
  });

  test('a union reports the issues of the branch that matches best', () => {
    expect(issues(union, { success: true, cost: '1' })).toEqual(['type /cost must be number, is string']);
  });

  test('a union allows the fields of all its branches', () => {
    const value = { success: true, cost: 1, error: 'none', colour: 'red' };
    expect(issues(union, value, { unknownFields: true })).toEqual(['unknown-field /colour is not in the document']);
  });
});

test('issues never show the value of a field that may be secret', () => {
  const schema: AnswerSchema = { properties: { access_token: { enum: ['a'] }, apiKey: { const: 'b' } } };
  expect(issues(schema, { access_token: 'hunter22', apiKey: 'hunter23' }).join()).not.toContain('hunter2');
});
