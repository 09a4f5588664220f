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

test('reads a whole overlay', () => {
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

test('lists every problem with its place', () => {
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
    '1:10 "overlay" is "2.0.0"; supported are 1.0.x and 1.1.x, for instance 1.1.0',
    '3:8 "extra" is not a field here; known are overlay, info, extends, actions and names that begin with x-',
    '2:7 "version" is missing',
    `5:13 "target" is not an RFC 9535 query: expected '$', found 'p' ('paths':0)`,
    '7:5 "target" is missing',
    '8:5 an action must be an object with "target"',
  ]);
});

describe('the overlay object', () => {
  test.each([
    ['[1]', ['1:1 an overlay is an object with "overlay", "info" and "actions"']],
    [
      'overlay: 1.1\ninfo: { title: t, version: "1" }\nactions: [{ target: $, update: {} }]',
      ['1:10 "overlay" must be a text: put 1.1 in quotes'],
    ],
    ['overlay: 1.1.0\nactions: [{ target: $, update: {} }]', ['1:1 "info" is missing']],
    ['overlay: 1.1.0\ninfo: text\nactions: [{ target: $, update: {} }]', ['2:7 "info" must be an object']],
    [`${head}actions: []`, ['3:10 "actions" must be a list of at least one action']],
    [head, ['1:1 "actions" must be a list of at least one action']],
    [`${head}extends: 5\nactions: [{ target: $, update: {} }]`, ['3:10 "extends" must be a text: put 5 in quotes']],
  ])('%j', (text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  test('a description of the info is a field since 1.1', () => {
    const text =
      'overlay: 1.0.0\ninfo: { title: t, version: "1", description: d }\nactions: [{ target: $, update: {} }]';
    expect(problemsOf(text)).toEqual(['2:46 "description" is a field since Overlay 1.1: declare "overlay: 1.1.0"']);
  });

  test('two equal actions are an error', () => {
    const text = `${head}actions:\n  - { target: $, update: {a: 1} }\n  - { update: {a: 1}, target: $ }\n`;
    expect(problemsOf(text)).toEqual(['5:5 the same as actions[0]']);
  });
});

describe('an action', () => {
  test.each([
    ['{ target: 5, remove: true }', ['4:15 "target" must be a text: put 5 in quotes']],
    ["{ target: '', remove: true }", ['4:15 "target" is not an RFC 9535 query: it is empty; the whole document is $']],
    ['{ target: $.a, remove: 1 }', ['4:28 "remove" must be true or false']],
    ['{ target: $.a, copy: 1 }', ['4:26 "copy" must be a text: put 1 in quotes']],
    [
      '{ target: $.a, update: 1, replace: true }',
      [
        '4:40 "replace" is not a field here; known are target, description, update, remove, copy and names that begin with x-',
      ],
    ],
    ['{ target: $.a, update: 1, description: 5 }', ['4:44 "description" must be a text: put 5 in quotes']],
    ['{ target: $.a, update: 1, x-grade: D }', ['4:40 "x-grade" must be A, B, C or S, not "D"']],
    ['{ target: $.a, update: 1, x-matches: 0 }', ['4:42 "x-matches" must be a whole number of at least 1, not 0']],
    ["{ target: $.a, update: 1, x-reason: ' ' }", ['4:41 "x-reason" is empty']],
    ["{ target: $.a, update: 1, x-evidence: '' }", ['4:43 "x-evidence" is empty']],
  ])('%s', (action, problems) => {
    expect(problemsOfAction(action)).toEqual(problems);
  });

  test('whose query is wrong says where in the query', () => {
    expect(problemsOfAction('{ target: $.a, copy: "$.a[?@.b = 1]" }')[0]).toMatch(
      /^4:26 "copy" is not an RFC 9535 query: .*'='/,
    );
  });

  test('may update with null', () => {
    const { actions } = parseOverlay(`${head}actions: [{ target: $.a, update: null }]`, 'o');
    expect(actions[0]?.modifier).toEqual({ kind: 'update', value: null });
  });

  test('cannot copy in version 1.0', () => {
    expect(problemsOfAction('{ target: $.a, copy: $.b }', '1.0.0')).toEqual([
      '4:26 "copy" is a field since Overlay 1.1: declare "overlay: 1.1.0"',
    ]);
  });

  test.each([
    ['remove: true, update: {}, copy: $.b', { kind: 'remove' }, ['update', 'copy']],
    ['remove: true, update: {}', { kind: 'remove' }, ['update']],
    ['remove: false, update: 1', { kind: 'update', value: 1 }, []],
    ['update: 1, copy: $.b', { kind: 'none' }, ['update', 'copy']],
    ['remove: false', { kind: 'none' }, []],
    ['description: nothing', { kind: 'none' }, []],
  ])('with %s is read as the standard says', (fields, modifier, withoutImpact) => {
    const { actions } = parseOverlay(`${head}actions: [{ target: $.a, ${fields} }]`, 'o');
    expect(actions[0]).toMatchObject({ modifier, withoutImpact });
  });
});

test('a problem inside an action names the action, its target and its reason', () => {
  const text = `${head}actions:\n  - { target: $.x-y, remove: true, x-reason: It is wrong. }\n`;
  expect(thrownBy(() => parseOverlay(text, 'o.yaml')).message).toBe(
    `o.yaml:4:15: actions[0] $.x-y: "target" is not an RFC 9535 query: a name with a hyphen needs brackets: ` +
      "['x-y'] instead of .x-y (the patch's reason: It is wrong.)",
  );
});

test('syntax errors name the file, line and column', () => {
  expect(thrownBy(() => parseOverlay('overlay: [', 'o.yaml')).message).toMatch(/^o\.yaml:1:\d+: /);
});
