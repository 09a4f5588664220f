import { expect, test } from 'vitest';
import { answerOf, documentOf, formOf } from './__fixtures__/document.ts';
import { clientView } from './client-view.ts';
import type { Document, OperationObject, Schema } from './openapi.ts';
import type { VendorRules } from './vendor-rules.ts';

const rules: VendorRules = {
  vendor: 'acme',
  published: 'published.yaml',
  client: 'Acme',
  credentials: [],
  bodyCredentials: ['api_key'],
  repeatable: {},
  pages: [],
};
const credentials = { type: 'object', required: ['api_key'], properties: { api_key: { type: 'string' } } };
const withCredentials = (schema: Schema) => formOf({ allOf: [{ $ref: '#/components/schemas/Credentials' }, schema] });

function bodyOf(operation: Partial<OperationObject>): unknown {
  const document = documentOf(
    { 'POST /things': { operationId: 'createThing', ...operation } },
    { Credentials: credentials },
  );
  return createThing(clientView(document, rules)).requestBody;
}

function createThing(document: Document): OperationObject {
  return document.paths['/things']?.post as OperationObject;
}

test('a request body that holds only credentials is removed from the client view', () => {
  expect(bodyOf(formOf({ $ref: '#/components/schemas/Credentials' }))).toBeUndefined();
});

test('a request body required only for its credentials becomes optional', () => {
  expect(bodyOf(withCredentials({ properties: { since: { type: 'string' } } }))).toMatchObject({ required: false });
});

test('a request body that requires another property stays required', () => {
  expect(bodyOf(withCredentials({ required: ['id'], properties: { id: { type: 'string' } } }))).toMatchObject({
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema: { allOf: [{ required: ['id'] }] } } },
  });
});

test('credentials are removed from a schema that has other properties', () => {
  const body = bodyOf(
    formOf({ required: ['api_key', 'id'], properties: { api_key: { type: 'string' }, id: { type: 'string' } } }),
  );
  expect(body).toMatchObject({
    content: { 'application/x-www-form-urlencoded': { schema: { required: ['id'], properties: { id: {} } } } },
  });
  expect(JSON.stringify(body)).not.toContain('api_key');
});

test('a response keeps a property with the name of a credential', () => {
  const answer = answerOf({ type: 'array', items: { properties: { api_key: { type: 'string' } } } });
  const document = documentOf(
    {
      'POST /things': {
        operationId: 'createThing',
        ...answer,
        ...formOf({ $ref: '#/components/schemas/Credentials' }),
      },
    },
    { Credentials: credentials },
  );
  expect(JSON.stringify(createThing(clientView(document, rules)).responses)).toContain('api_key');
});

test('creating the client view does not change the document', () => {
  const document = documentOf(
    { 'POST /things': { operationId: 'createThing', ...formOf({ $ref: '#/components/schemas/Credentials' }) } },
    { Credentials: credentials },
  );
  const before = structuredClone(document);
  clientView(document, rules);
  expect(document).toEqual(before);
});

test('a declared credential that no request body has is an error', () => {
  const document = documentOf({ 'POST /things': { operationId: 'createThing' } });
  expect(() => clientView(document, rules)).toThrow('No request body has the declared credential api_key');
});

test('a schema marked x-open-enum that is not an open enum is an error that names it', () => {
  const document = documentOf({}, { Status: { 'x-open-enum': true, type: 'string', enum: ['on'] } });
  const { bodyCredentials: _, ...bare } = rules;
  expect(() => clientView(document, bare)).toThrow('#/components/schemas/Status is marked x-open-enum');
});
