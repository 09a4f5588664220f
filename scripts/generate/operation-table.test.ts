import { expect, test } from 'vitest';
import { answerOf, documentOf } from './__fixtures__/document.ts';
import type { Schema } from './openapi.ts';
import { operationTable } from './operation-table.ts';
import type { VendorRules } from './vendor-rules.ts';

const rules: VendorRules = { vendor: 'acme', published: 'published.yaml', client: 'Acme', repeatable: {}, pages: [] };

test('what HTTP calls idempotent is repeatable, the rest is not', () => {
  const document = documentOf({
    'GET /things': { operationId: 'listThings' },
    'PUT /things': { operationId: 'replaceThings' },
    'DELETE /things': { operationId: 'deleteThings' },
    'POST /things': { operationId: 'createThing' },
    'PATCH /things': { operationId: 'updateThings' },
  });
  const repeatable = Object.entries(operationTable(document, rules)).filter(([, row]) => row.repeatable);
  expect(repeatable.map(([id]) => id)).toEqual(['listThings', 'replaceThings', 'deleteThings']);
});

test('a declared exception changes that, and one that changes nothing is refused', () => {
  const document = documentOf({ 'PUT /things': { operationId: 'actOnThings' } });
  const declare = (repeatable: boolean) => ({
    ...rules,
    repeatable: { actOnThings: { repeatable, reason: 'Clones.' } },
  });
  expect(operationTable(document, declare(false)).actOnThings?.repeatable).toBe(false);
  expect(() => operationTable(document, declare(true))).toThrow('actOnThings is declared an exception');
});

test('an operation with an Idempotency-Key header says so, also when the parameter is shared', () => {
  const document = documentOf({
    'POST /things': { operationId: 'createThing', parameters: [{ $ref: '#/components/parameters/Key' }] },
  });
  document.components = { parameters: { Key: { name: 'Idempotency-Key', in: 'header' } } };
  expect(operationTable(document, rules).createThing?.idempotencyKey).toBe(true);
});

test("an operation's own security wins over the document's", () => {
  const document = documentOf({
    'GET /things': { operationId: 'listThings' },
    'GET /health': { operationId: 'getHealth', security: [] },
  });
  document.security = [{ bearer: [] }];
  const table = operationTable(document, rules);
  expect(table.listThings?.security).toEqual(['bearer']);
  expect(table.getHealth?.security).toEqual([]);
});

test('credentials in the query have to be in the security requirement', () => {
  const document = documentOf({ 'GET /things': { operationId: 'listThings', 'x-credentials': 'query' } });
  const check = () => operationTable(document, { ...rules, bodyCredentials: ['api_key'] });
  expect(check).toThrow('listThings has x-credentials: query, but its security is []');
  document.security = [{ ApiKey: [] }];
  expect(check().listThings?.security).toEqual(['ApiKey']);
});

test('a vendor with credentials in bodies has to say where each operation has them', () => {
  const document = documentOf({ 'GET /things': { operationId: 'listThings' } });
  expect(() => operationTable(document, { ...rules, bodyCredentials: ['api_key'] })).toThrow(
    'listThings has x-credentials undefined; it has to be form, query or none',
  );
});

test('a body that is neither JSON nor a form is refused', () => {
  const document = documentOf({
    'POST /things': { operationId: 'createThing', requestBody: { content: { 'text/csv': {} } } },
  });
  expect(() => operationTable(document, rules)).toThrow('createThing takes text/csv');
});

test('numbered pages need their parameters, their header and an array', () => {
  const pages = [
    { rule: { style: 'page', page: 'page', size: 'size', total: 'X-Total' }, operations: ['listThings'] },
  ] as const;
  const list = (schema: Schema, headers: Record<string, unknown>) => {
    const parameters = ['page', 'size'].map((name) => ({ name, in: 'query' }));
    const responses = { 200: { headers, content: { 'application/json': { schema } } } };
    return documentOf({ 'GET /things': { operationId: 'listThings', parameters, responses } });
  };
  const table = (schema: Schema, headers: Record<string, unknown>) =>
    operationTable(list(schema, headers), { ...rules, pages });
  expect(table({ type: 'array' }, { 'x-total': {} }).listThings?.pages).toEqual(pages[0].rule);
  expect(() => table({ type: 'array' }, {})).toThrow('the answer has no header "X-Total"');
  expect(() => table({ type: 'object' }, { 'x-total': {} })).toThrow('the answer is no array');
});

test('an answer that tells of a next page needs a rule', () => {
  const document = documentOf({
    'GET /things': { operationId: 'listThings', ...answerOf({ properties: { next_cursor: { type: 'string' } } }) },
  });
  expect(() => operationTable(document, rules)).toThrow(
    'listThings looks paged (property "next_cursor" of its answer)',
  );
});
