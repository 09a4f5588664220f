import type { Document, OperationObject, Schema } from '../openapi.ts';

const ok = { 200: { description: 'OK' } };

/** A document with the given operations by `METHOD /path`; what is left out is filled in. */
export function documentOf(
  operations: Readonly<Record<string, Partial<OperationObject>>>,
  schemas: Record<string, Schema> = {},
): Document {
  const paths: Document['paths'] = {};
  for (const [key, operation] of Object.entries(operations)) {
    const [method = '', path = ''] = key.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: { responses: ok, ...operation } };
  }
  return { openapi: '3.1.0', info: { title: 'Acme API', version: '1' }, paths, components: { schemas } };
}

/** `responses` with one JSON answer. */
export function answerOf(schema: Schema, status = 200): Pick<OperationObject, 'responses'> {
  return { responses: { [status]: { description: 'OK', content: { 'application/json': { schema } } } } };
}

/** `requestBody` of one form. */
export function formOf(schema: Schema): Pick<OperationObject, 'requestBody'> {
  return { requestBody: { required: true, content: { 'application/x-www-form-urlencoded': { schema } } } };
}
