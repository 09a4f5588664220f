import { describe, expect, test } from 'vitest';
import { thrownBy } from './__fixtures__/overlay.ts';
import { OverlayError } from './overlay-error.ts';
import { parseOverlay } from './parse-overlay.ts';

const head = "overlay: 1.1.0\ninfo: { title: Patches, version: '1' }\n";

function problemsOf(text: string): string[] {
  const error = thrownBy(() => parseOverlay(text, 'o.yaml'));
  if (!OverlayError.isInstance(error)) throw error;
  return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

function problemsOfAction(action: string, version = '1.1.0'): string[] {
  return problemsOf(`overlay: ${version}\ninfo: { title: Patches, version: '1' }\nactions:\n  - ${action}\n`);
}

test('parseOverlay reads a complete overlay', () => {
  const text = `overlay: 1.1.0
info: { title: Patches, version: 1.0.0, description: All of them, x-team: api }
extends: ./published.json
x-note: extensions are allowed everywhere
actions:
  - target: $.info
    description: Say hello
    update: { x-hello: true }
    x-reason: It is polite.
    x-evidence: etiquette, page 1
    x-grade: A
    x-matches: 2
  - { target: $.paths, copy: $.webhooks }
  - { target: $.tags, remove: true }
`;
  expect(parseOverlay(text, 'o.yaml')).toEqual({
    file: 'o.yaml',
    version: '1.1',
    info: { title: 'Patches', version: '1.0.0', description: 'All of them' },
    extends: './published.json',
    actions: [
      {
        index: 0,
        target: '$.info',
        description: 'Say hello',
        modifier: { kind: 'update', value: { 'x-hello': true } },
        withoutImpact: [],
        reason: 'It is polite.',
        evidence: 'etiquette, page 1',
        grade: 'A',
        expectedMatches: 2,
        line: 6,
        column: 13,
      },
      {
        index: 1,
        target: '$.paths',
        modifier: { kind: 'copy', from: '$.webhooks' },
        withoutImpact: [],
        expectedMatches: 1,
        line: 13,
        column: 15,
      },
      {
        index: 2,
        target: '$.tags',
        modifier: { kind: 'remove' },
        withoutImpact: [],
        expectedMatches: 1,
        line: 14,
        column: 15,
      },
    ],
  });
});

test('reads JSON', () => {
  const overlay = parseOverlay(
    '{\n\t"overlay": "1.0.0",\n\t"info": {"title": "t", "version": "1"},\n\t"actions": [\n\t\t{"target": "$", "update": {}}\n\t]\n}',
    'o.json',
  );
  expect(overlay.version).toBe('1.0');
});

test('the patch number of the version makes no difference', () => {
  expect(parseOverlay(`${head.replace('1.1.0', '1.1.7')}actions: [{target: $, update: {}}]`, 'o').version).toBe('1.1');
});

test('parseOverlay lists every problem with its line and column', () => {
  const text = `overlay: 2.0.0
info: { title: Patches }
extra: 1
actions:
  - target: paths
    update: {}
  - remove: true
  - 5
`;
  expect(problemsOf(text)).toEqual([
    '1:10 "overlay" is "2.0.0"; supported are 1.0.x, 1.1.x, and 1.2.x',
    '3:8 "extra" is not a field here. Known fields: overlay, $self, info, extends, actions, components, and names that begin with x-',
    '2:7 "version" is missing',
    `5:13 "target" is not an RFC 9535 query: expected '$', found 'p' ('paths':0)`,
    '7:5 "target" is missing',
    '8:5 an action must be an object with "target"',
  ]);
});

describe('the overlay object', () => {
  test.each([
    ['[1]', ['1:1 an overlay is an object with "overlay", "info", and "actions"']],
    [
      'overlay: 1.1\ninfo: { title: t, version: "1" }\nactions: [{ target: $, update: {} }]',
      ['1:10 "overlay" must be a string. Put 1.1 in quotes'],
    ],
    ['overlay: 1.1.0\nactions: [{ target: $, update: {} }]', ['1:1 "info" is missing']],
    ['overlay: 1.1.0\ninfo: text\nactions: [{ target: $, update: {} }]', ['2:7 "info" must be an object']],
    [`${head}actions: []`, ['3:10 "actions" must be a list of at least one action']],
    [head, ['1:1 "actions" must be a list of at least one action']],
    [`${head}extends: 5\nactions: [{ target: $, update: {} }]`, ['3:10 "extends" must be a string. Put 5 in quotes']],
  ])('parseOverlay refuses the overlay %j', (text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  test('info.description needs Overlay 1.1', () => {
    const text =
      'overlay: 1.0.0\ninfo: { title: t, version: "1", description: d }\nactions: [{ target: $, update: {} }]';
    expect(problemsOf(text)).toEqual(['2:46 "description" needs Overlay 1.1. Set "overlay: 1.1.0"']);
  });

  test('parseOverlay refuses two equal actions', () => {
    const text = `${head}actions:\n  - { target: $, update: {a: 1} }\n  - { update: {a: 1}, target: $ }\n`;
    expect(problemsOf(text)).toEqual(['5:5 is the same as actions[0]']);
  });
});

describe('an action', () => {
  test.each([
    ['{ target: 5, remove: true }', ['4:15 "target" must be a string. Put 5 in quotes']],
    [
      "{ target: '', remove: true }",
      ['4:15 "target" is not an RFC 9535 query: it is empty; use $ for the whole document'],
    ],
    ['{ target: $.a, remove: 1 }', ['4:28 "remove" must be true or false']],
    ['{ target: $.a, copy: 1 }', ['4:26 "copy" must be a string. Put 1 in quotes']],
    [
      '{ target: $.a, update: 1, replace: true }',
      [
        '4:40 "replace" is not a field here. Known fields: target, description, update, copy, remove, and names that begin with x-',
      ],
    ],
    ['{ target: $.a, update: 1, description: 5 }', ['4:44 "description" must be a string. Put 5 in quotes']],
    ['{ target: $.a, update: 1, x-grade: D }', ['4:40 "x-grade" must be A, B, C, or S, not "D"']],
    ['{ target: $.a, update: 1, x-matches: 0 }', ['4:42 "x-matches" must be a whole number of at least 1, not 0']],
    ["{ target: $.a, update: 1, x-reason: ' ' }", ['4:41 "x-reason" is empty']],
    ["{ target: $.a, update: 1, x-evidence: '' }", ['4:43 "x-evidence" is empty']],
  ])('parseOverlay refuses the action %s', (action, problems) => {
    expect(problemsOfAction(action)).toEqual(problems);
  });

  test('a wrong query is reported with the position in the query', () => {
    expect(problemsOfAction('{ target: $.a, copy: "$.a[?@.b = 1]" }')[0]).toMatch(
      /^4:26 "copy" is not an RFC 9535 query: .*'='/,
    );
  });

  test('update accepts null', () => {
    const { actions } = parseOverlay(`${head}actions: [{ target: $.a, update: null }]`, 'o');
    expect(actions[0]?.modifier).toEqual({ kind: 'update', value: null });
  });

  test('copy needs Overlay 1.1', () => {
    expect(problemsOfAction('{ target: $.a, copy: $.b }', '1.0.0')).toEqual([
      '4:26 "copy" needs Overlay 1.1. Set "overlay: 1.1.0"',
    ]);
  });

  test.each([
    ['remove: true, update: {}, copy: $.b', { kind: 'remove' }, ['update', 'copy']],
    ['remove: true, update: {}', { kind: 'remove' }, ['update']],
    ['remove: false, update: 1', { kind: 'update', value: 1 }, []],
    ['update: 1, copy: $.b', { kind: 'none' }, ['update', 'copy']],
    ['remove: false', { kind: 'none' }, []],
    ['description: nothing', { kind: 'none' }, []],
  ])('an action with %s is read as the specification defines', (fields, modifier, withoutImpact) => {
    const { actions } = parseOverlay(`${head}actions: [{ target: $.a, ${fields} }]`, 'o');
    expect(actions[0]).toMatchObject({ modifier, withoutImpact });
  });
});

test('a problem in an action is reported with its index, target, and reason', () => {
  const text = `${head}actions:\n  - { target: $.x-y, remove: true, x-reason: It is wrong. }\n`;
  expect(thrownBy(() => parseOverlay(text, 'o.yaml')).message).toBe(
    `o.yaml:4:15: actions[0] $.x-y: "target" is not an RFC 9535 query: write ['x-y'] ` +
      'instead of .x-y: a name with a hyphen needs brackets (reason: It is wrong.)',
  );
});

test('syntax errors are reported with file, line, and column', () => {
  expect(thrownBy(() => parseOverlay('overlay: [', 'o.yaml')).message).toMatch(/^o\.yaml:1:\d+: /);
});

describe('Overlay 1.2', () => {
  const head12 = "overlay: 1.2.0\ninfo: { title: Patches, version: '1' }\n";
  const reusable = `${head12}components:
  actions:
    a/b~c:
      description: For any response
      fields: { update: { x: 1 }, description: inherited, x-reason: It is missing., x-matches: 2 }
actions:
`;

  test('a reference takes the fields of a reusable action, and its own fields win', () => {
    const text = `${reusable}  - { $ref: '#/components/actions/a~1b~0c', target: $.a, x-matches: 3, description: own }\n`;
    expect(parseOverlay(text, 'o').actions).toEqual([
      {
        index: 0,
        target: '$.a',
        modifier: { kind: 'update', value: { x: 1 } },
        withoutImpact: [],
        description: 'own',
        reason: 'It is missing.',
        expectedMatches: 3,
        line: 9,
        column: 53,
      },
    ]);
  });

  test('$self is read, and $self and extends have no fragment', () => {
    const action = 'actions: [{ target: $, update: {} }]\n';
    expect(parseOverlay(`${head12}$self: https://example.com/o.yaml\n${action}`, 'o').self).toBe(
      'https://example.com/o.yaml',
    );
    expect(problemsOf(`${head12}$self: o.yaml#x\nextends: d.yaml#\n${action}`)).toEqual([
      '3:8 "$self" is "o.yaml#x"; the URI of a document has no fragment (#…)',
      '4:10 "extends" is "d.yaml#"; the URI of a document has no fragment (#…)',
    ]);
  });

  test.each([
    [
      "{ $ref: '#/components/actions/none', target: $ }",
      '"$ref" is "#/components/actions/none", which is not an action',
    ],
    ["{ $ref: '#/actions/0', target: $ }", '"$ref" is "#/actions/0", which is not an action'],
    ["{ $ref: '#/components/actions/a/b~0c', target: $ }", 'which is not an action under #/components/actions/'],
    ['{ $ref: 5, target: $ }', '"$ref" is 5, which is not an action'],
    ["{ $ref: '#/components/actions/a~1b~0c' }", '"target" is missing'],
    ["{ $ref: '#/components/actions/a~1b~0c', target: $, update: 1 }", '"update" is not a field here'],
  ])('parseOverlay refuses the reference %s', (action, message) => {
    expect(problemsOf(`${reusable}  - ${action}\n`)[0]).toContain(message);
  });

  test.each([
    ['components: 5', '3:13 "components" must be an object'],
    ['components: { other: 1 }', '3:22 "other" is not a field here'],
    ['components: { actions: [] }', '3:24 "actions" must be an object of reusable actions'],
    ['components: { actions: { a: 1 } }', '3:29 a reusable action must be an object with "fields"'],
    ['components: { actions: { a: { update: 1 } } }', '"update" is not a field here'],
    ['components: { actions: { a: { fields: 1 } } }', '"fields" must be an object'],
    ['components: { actions: { a: { fields: { target: $ } } } }', '"target" is not a field here'],
    ['components: { actions: { a: { fields: { remove: 1 } } } }', '"remove" must be true or false'],
  ])('parseOverlay refuses %s', (components, message) => {
    expect(problemsOf(`${head12}${components}\nactions: [{ target: $, update: {} }]\n`)[0]).toContain(message);
  });

  test('a problem of a reusable action is reported once, where it is, however often the action is used', () => {
    const text = `${head12}components: { actions: { a: { fields: { remove: 1 } } } }
actions:
  - { $ref: '#/components/actions/a', target: $.a }
  - { $ref: '#/components/actions/a', target: $.b }
`;
    expect(problemsOf(text)).toEqual(['3:49 "remove" must be true or false']);
  });

  test.each(['$self: o.yaml', 'components: {}'])('%s needs Overlay 1.2', (field) => {
    const name = field.split(':')[0];
    expect(problemsOf(`${head}${field}\nactions: [{ target: $, update: {} }]\n`)[0]).toContain(
      `"${name}" needs Overlay 1.2. Set "overlay: 1.2.0"`,
    );
  });
});
