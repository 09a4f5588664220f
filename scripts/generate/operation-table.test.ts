import { expect, test } from 'vitest';
import { answerOf, documentOf } from './__fixtures__/document.ts';
import type { Schema } from './openapi.ts';
import { operationTable } from './operation-table.ts';
import { readsOnly, type VendorRules } from './vendor-rules.ts';

const rules: VendorRules = {
  vendor: 'acme',
  published: 'published.yaml',
  client: 'Acme',
  credentials: [],
  repeatable: {},
  pages: [],
};

test('an operation is repeatable when its HTTP method is idempotent', () => {
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

test('an operation is marked as read-only if a rule says so', () => {
  const document = documentOf({
    'GET /things': { operationId: 'listThings' },
    'POST /things': { operationId: 'actOnThings' },
  });
  const readOnly = { actOnThings: readsOnly('It only checks.') };
  const { actOnThings, listThings } = operationTable(document, { ...rules, repeatable: readOnly });
  expect([actOnThings?.readOnly, listThings?.readOnly]).toEqual([true, undefined]);
});

test('a repeatable exception overrides the HTTP method, and a redundant exception is an error', () => {
  const document = documentOf({ 'PUT /things': { operationId: 'actOnThings' } });
  const declare = (repeatable: boolean) => ({
    ...rules,
    repeatable: { actOnThings: { repeatable, reason: 'Clones.' } },
  });
  expect(operationTable(document, declare(false)).actOnThings?.repeatable).toBe(false);
  expect(() => operationTable(document, declare(true))).toThrow('actOnThings has a redundant exception');
});

test('an operation with an own or shared Idempotency-Key header gets idempotencyKey', () => {
  const document = documentOf({
    'POST /things': { operationId: 'createThing', parameters: [{ $ref: '#/components/parameters/Key' }] },
  });
  document.components = { parameters: { Key: { name: 'Idempotency-Key', in: 'header' } } };
  expect(operationTable(document, rules).createThing?.idempotencyKey).toBe(true);
});

test("an operation's security overrides the document's", () => {
  const document = documentOf({
    'GET /things': { operationId: 'listThings' },
    'GET /health': { operationId: 'getHealth', security: [] },
  });
  document.security = [{ bearer: [] }];
  const table = operationTable(document, rules);
  expect(table.listThings?.security).toEqual(['bearer']);
  expect(table.getHealth?.security).toEqual([]);
});

test('x-credentials: query without a security requirement is an error', () => {
  const document = documentOf({ 'GET /things': { operationId: 'listThings', 'x-credentials': 'query' } });
  const check = () => operationTable(document, { ...rules, bodyCredentials: ['api_key'] });
  expect(check).toThrow('listThings has x-credentials: query, but its security is []');
  document.security = [{ ApiKey: [] }];
  expect(check().listThings?.security).toEqual(['ApiKey']);
});

test('an operation without x-credentials is an error when the vendor has body credentials', () => {
  const document = documentOf({ 'GET /things': { operationId: 'listThings' } });
  expect(() => operationTable(document, { ...rules, bodyCredentials: ['api_key'] })).toThrow(
    'listThings has x-credentials undefined. Set it to form, query, or none',
  );
});

test('a request body that is neither JSON nor a form is an error', () => {
  const document = documentOf({
    'POST /things': { operationId: 'createThing', requestBody: { content: { 'text/csv': {} } } },
  });
  expect(() => operationTable(document, rules)).toThrow('createThing takes text/csv');
});

test('a page rule requires its parameters, its header, and an array', () => {
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
  expect(() => table({ type: 'array' }, {})).toThrow('the response has no header "X-Total"');
  expect(() => table({ type: 'object' }, { 'x-total': {} })).toThrow('the response is not an array');
});

test('a response with a next-page property requires a page rule', () => {
  const document = documentOf({
    'GET /things': { operationId: 'listThings', ...answerOf({ properties: { next_cursor: { type: 'string' } } }) },
  });
  expect(() => operationTable(document, rules)).toThrow(
    'listThings looks paged (property "next_cursor" of the response)',
  );
});
