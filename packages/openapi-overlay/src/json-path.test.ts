import { describe, expect, test } from 'vitest';
import { documentOf, thrownBy } from './__fixtures__/overlay.ts';
import { formatLocation, locate, parseQuery, QueryError } from './json-path.ts';

const document = documentOf(`
paths:
  /pets:
    get: { operationId: list, tags: [read], parameters: [{ name: limit, in: query }, { name: id, in: header }] }
    post: { operationId: create, tags: [write, read] }
  /pets/{id}:
    get: { operationId: get, x-internal: true }
`);

function places(query: string): string[] {
  return locate(query, document).map(formatLocation);
}

describe('queries are RFC 9535', () => {
  test.each([
    ['$', ['$']],
    ["$.paths['/pets'].get", ["$.paths['/pets'].get"]],
    ['$.paths["/pets"].get', ["$.paths['/pets'].get"]],
    ["$.paths.*[?@.operationId=='create']", ["$.paths['/pets'].post"]],
    ["$.paths.*[?@['x-internal']]", ["$.paths['/pets/{id}'].get"]],
    ["$.paths[?@.get.tags[?@ == 'read']]", ["$.paths['/pets']"]],
    ["$..parameters[?@.name=='id' && @.in=='header']", ["$.paths['/pets'].get.parameters[1]"]],
    ['$..parameters[-1].name', ["$.paths['/pets'].get.parameters[1].name"]],
    ['$..parameters[?@.name != $.none]', ["$.paths['/pets'].get.parameters[0]", "$.paths['/pets'].get.parameters[1]"]],
    ['$.paths.*[?count(@.tags[*]) > 1]', ["$.paths['/pets'].post"]],
    ['$.paths.*[?length(@.operationId) == 3]', ["$.paths['/pets/{id}'].get"]],
    ["$.paths.*[?match(@.operationId, 'l.*')]", ["$.paths['/pets'].get"]],
    ["$.paths.*[?search(@.operationId, 'ea')]", ["$.paths['/pets'].post"]],
    ['$.paths.*.post.tags[0:1]', ["$.paths['/pets'].post.tags[0]"]],
    ['$.nothing', []],
    ['$.constructor', []],
  ])('%s selects %j', (query, expected) => {
    expect(places(query)).toEqual(expected);
  });

  test('locate returns a node once even if the query selects it twice', () => {
    expect(places("$.paths['/pets','/pets']")).toEqual(["$.paths['/pets']"]);
  });

  test.each(['paths', '$.', '$.paths[', '$.a[?@.b = 1]', '$[?unknown(@)]', '$.a b', '$.paths[?(@.get)', ''])(
    'parseQuery refuses %j',
    (query) => {
      expect(() => parseQuery(query)).toThrow(QueryError);
    },
  );

  test.each(['$.x-internal', '$..x-internal', "$.paths.*[?@.x-internal == 'a']"])(
    'parseQuery refuses a hyphen without brackets and shows the correct notation: %s',
    (query) => {
      expect(thrownBy(() => parseQuery(query)).message).toContain("write ['x-internal'] instead of .x-internal");
    },
  );

  test('parseQuery accepts a hyphen in quotes', () => {
    expect(() => parseQuery("$.paths['/a.b-c']['d\\'.e-f'][?@.g == \".h-i\"]")).not.toThrow();
  });

  test('locate follows .. through documents nested more than 50 levels deep', () => {
    const deep = documentOf(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`);
    expect(locate('$..a', deep)).toHaveLength(200);
  });
});

test('formatLocation returns a query that parseQuery accepts', () => {
  const location = ['a', "it's", 'a"b', 'back\\slash', 'two\nlines', 3, '200', ''];
  const written = formatLocation(location);
  expect(written).toBe(`$.a['it\\'s']['a"b']['back\\\\slash']['two\\nlines'][3]['200']['']`);
  expect(() => parseQuery(written)).not.toThrow();
});
