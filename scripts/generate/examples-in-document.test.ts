import { expect, test } from 'vitest';
import { wrongExamples } from './examples-in-document.ts';
import type { Document } from './openapi.ts';

function documentWith(pathItem: unknown, schemas: Record<string, object> = {}): Document {
  return {
    openapi: '3.1.0',
    info: { title: 'Test', version: '1' },
    paths: { '/things/{id}': pathItem },
    components: { schemas, examples: { Shared: { value: 7 } } },
  } as unknown as Document;
}

const integer = { type: 'integer' };
const answer = (mediaType: object) => ({
  get: { responses: { 200: { description: 'OK', content: { 'application/json': mediaType } } } },
});

test.each<[string, Document]>([
  ['a media type', documentWith(answer({ schema: integer, example: 1 }))],
  ['a named example', documentWith(answer({ schema: integer, examples: { one: { value: 1 } } }))],
  [
    'a shared example',
    documentWith(answer({ schema: integer, examples: { one: { $ref: '#/components/examples/Shared' } } })),
  ],
  ['a parameter', documentWith({ parameters: [{ name: 'id', in: 'path', schema: integer, example: 1 }] })],
  ['a schema', documentWith({}, { Thing: { ...integer, example: 1, examples: [1, 2], default: 3 } })],
  [
    'a reference',
    documentWith(answer({ schema: { $ref: '#/components/schemas/Thing' }, example: 1 }), { Thing: integer }),
  ],
])('an example of %s that fits is right', (_, document) => {
  expect(wrongExamples(document)).toEqual([]);
});

const text = '"one"';
test.each<[string, Document, string]>([
  [
    'a media type',
    documentWith(answer({ schema: integer, example: 'one' })),
    '/get/responses/200/content/application~1json/example',
  ],
  ['a named example', documentWith(answer({ schema: integer, examples: { one: { value: 'one' } } })), '/examples/one'],
  [
    'a parameter',
    documentWith({ parameters: [{ name: 'id', in: 'path', schema: integer, example: 'one' }] }),
    '/parameters/0/example',
  ],
  [
    'a nested schema',
    documentWith({}, { Thing: { properties: { size: { ...integer, example: 'one' } } } }),
    '#/components/schemas/Thing/properties/size/example',
  ],
  [
    'a default',
    documentWith({}, { Thing: { items: { ...integer, default: 'one' } } }),
    '#/components/schemas/Thing/items/default',
  ],
  [
    'a reference',
    documentWith(answer({ schema: { $ref: '#/components/schemas/Thing' }, example: 'one' }), { Thing: integer }),
    '/example',
  ],
])('an example of %s that does not fit is told with its place', (_, document, place) => {
  const [complaint, ...others] = wrongExamples(document);
  expect(complaint).toContain(`${place}: ${text} must be integer`);
  expect(others).toEqual([]);
});

test('an example that violates its format is an error', () => {
  const document = documentWith({}, { Thing: { type: 'string', format: 'uuid', example: 'whk_1' } });
  expect(wrongExamples(document)).toEqual([expect.stringContaining('must match format "uuid"')]);
});
