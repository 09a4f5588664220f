import { expect, test } from 'vitest';
import { impactOf } from './impact.ts';
import type { Place } from './place.ts';

const sent = { sent: true, received: false, operations: [] };
const received = { sent: false, received: true, operations: [] };
const both = { sent: true, received: true, operations: [] };
const schema = ['components', 'schemas', 'Machine'];
const property = [...schema, 'properties', 'status'];
const operation = ['paths', '/machines', 'get'];

test.each<[string, Place, unknown, unknown, typeof both, string]>([
  ['an added operation', operation, undefined, {}, both, 'additive'],
  ['a removed path', ['paths', '/machines'], {}, undefined, both, 'breaking'],
  [
    'a required parameter',
    [...operation, 'parameters', '[a in query]'],
    undefined,
    { required: true },
    sent,
    'breaking',
  ],
  ['an optional parameter', [...operation, 'parameters', '[a in query]'], undefined, {}, sent, 'additive'],
  [
    'a parameter that is no longer required',
    [...operation, 'parameters', '[a in query]', 'required'],
    true,
    false,
    sent,
    'additive',
  ],
  ['a response for a failure', [...operation, 'responses', '409'], undefined, {}, received, 'additive'],
  ['another successful response', [...operation, 'responses', '202'], undefined, {}, received, 'breaking'],
  ['a removed header', [...operation, 'responses', '200', 'headers', 'X-Total'], {}, undefined, received, 'breaking'],
  ['an added property', property, undefined, {}, both, 'additive'],
  ['a removed property', property, {}, undefined, received, 'breaking'],
  ['a property named description', [...schema, 'properties', 'description'], {}, undefined, received, 'breaking'],
  [
    'a type that also allows null, in a response',
    [...property, 'type'],
    'string',
    ['string', 'null'],
    received,
    'breaking',
  ],
  ['a type that also allows null, in a request', [...property, 'type'], 'string', ['string', 'null'], sent, 'additive'],
  ['another type', [...property, 'type'], 'string', 'integer', sent, 'breaking'],
  ['an enum value in a request', [...property, 'enum', '["on"]'], undefined, 'on', sent, 'additive'],
  ['an enum value in a response', [...property, 'enum', '["on"]'], undefined, 'on', received, 'breaking'],
  ['an enum value less in a request', [...property, 'enum', '["on"]'], 'on', undefined, sent, 'breaking'],
  ['enum values in another order', [...property, 'enum'], ['on', 'off'], ['off', 'on'], both, 'docs'],
  ['a newly required field of a request', [...schema, 'required', '["a"]'], undefined, 'a', sent, 'breaking'],
  ['a newly required field of a response', [...schema, 'required', '["a"]'], undefined, 'a', received, 'additive'],
  ['a shorter maximum in a request', [...property, 'maxLength'], 20, 10, sent, 'breaking'],
  ['a shorter maximum in a response', [...property, 'maxLength'], 20, 10, received, 'additive'],
  ['the first server', ['servers', '[0]', 'url'], 'https://a.test', 'https://b.test', both, 'breaking'],
  ['another server', ['servers', '[1]'], undefined, {}, both, 'additive'],
  ['the description of a server', ['servers', '[0]', 'description'], 'a', 'b', both, 'docs'],
  ['security', [...operation, 'security'], undefined, [], both, 'breaking'],
  ['a description', [...property, 'description'], 'a', 'b', both, 'docs'],
  ['an example', [...property, 'example', 'type'], 'a', 'b', both, 'docs'],
  ['a patch version of OpenAPI', ['openapi'], '3.1.0', '3.1.1', both, 'docs'],
  ['a keyword that no rule knows', [...property, 'unevaluatedProperties'], undefined, false, both, 'breaking'],
])('the impact of %s is as users see it', (_, place, before, after, reach, impact) => {
  expect(impactOf({ place, before, after }, reach)).toBe(impact);
});

test('a new value of an open enum is additive in a response', () => {
  const place = [...property, 'enum', '["on"]'];
  expect(impactOf({ place, after: 'on' }, received, true)).toBe('additive');
});
