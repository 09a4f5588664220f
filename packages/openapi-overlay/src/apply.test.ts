import { describe, expect, test } from 'vitest';
import { documentOf, overlayOf, thrownBy } from './__fixtures__/overlay.ts';
import { applyOverlay, inspectOverlay } from './apply.ts';
import { OverlayError } from './overlay-error.ts';

function applied(document: string, actions: string, options = {}) {
  return applyOverlay(documentOf(document), overlayOf(actions), options);
}

function messageFor(document: string, actions: string, version = '1.1.0'): string {
  const error = thrownBy(() => applyOverlay(documentOf(document), overlayOf(actions, version)));
  expect(OverlayError.isInstance(error)).toBe(true);
  return error.message;
}

describe('actions that fit', () => {
  test('update the root', () => {
    expect(applied('{info: {title: a}}', '- {target: $, update: {info: {version: "1"}, tags: []}}')).toEqual({
      info: { title: 'a', version: '1' },
      tags: [],
    });
  });

  test('update a primitive', () => {
    expect(applied('{info: {title: a}}', '- {target: $.info.title, update: b}')).toEqual({ info: { title: 'b' } });
  });

  test('update every node that a wildcard matches', () => {
    const document = '{paths: {/a: {get: {}}, /b: {get: {}, put: {}}}}';
    expect(applied(document, '- {target: $.paths.*.get, update: {x-safe: true}, x-matches: 2}')).toEqual({
      paths: { '/a': { get: { 'x-safe': true } }, '/b': { get: { 'x-safe': true }, put: {} } },
    });
  });

  test('update nodes that are inside one another', () => {
    expect(
      applied('{a: {type: object, a: {type: object}}}', '- {target: $..a, update: {seen: true}, x-matches: 2}'),
    ).toEqual({
      a: { type: 'object', seen: true, a: { type: 'object', seen: true } },
    });
  });

  test('append to an array one item or all items of an array', () => {
    expect(
      applied('{tags: [a], list: [a]}', '- {target: $.tags, update: b}\n- {target: $.list, update: [b, c]}'),
    ).toEqual({
      tags: ['a', 'b'],
      list: ['a', 'b', 'c'],
    });
  });

  test('remove several items of one array', () => {
    const document =
      '{parameters: [{in: header, name: a}, {in: query, name: b}, {in: header, name: c}, {in: query, name: d}]}';
    expect(applied(document, '- {target: "$.parameters[?@.in==\'header\']", remove: true, x-matches: 2}')).toEqual({
      parameters: [
        { in: 'query', name: 'b' },
        { in: 'query', name: 'd' },
      ],
    });
  });

  test('remove neighbours, and primitives by their value', () => {
    expect(applied('{tags: [x, x, a, x]}', '- {target: "$.tags[?@==\'x\']", remove: true, x-matches: 3}')).toEqual({
      tags: ['a'],
    });
  });

  test('remove a primitive property in version 1.0 too, as the official examples do', () => {
    expect(applyOverlay(documentOf('{a: 1, b: 2}'), overlayOf('- {target: $.a, remove: true}', '1.0.0'))).toEqual({
      b: 2,
    });
  });

  test('remove a property whose value is null', () => {
    expect(applied('{a: {b: null}}', '- {target: $.a.b, remove: true}')).toEqual({ a: {} });
  });

  test('replace an enum by removing and updating it', () => {
    const actions = '- {target: $.enum, remove: true}\n- {target: $, update: {enum: [b, c]}}';
    expect(applied('{enum: [a, b]}', actions)).toEqual({ enum: ['b', 'c'] });
  });

  test('see what the actions before them did', () => {
    const actions = '- {target: $, update: {b: {}}}\n- {target: $.b, copy: $.a}\n- {target: $.a, remove: true}';
    expect(applied('{a: {x: [1]}}', actions)).toEqual({ b: { x: [1] } });
  });

  test('copy over what is there, by the rules of update', () => {
    expect(applied('{a: {x: 1, l: [1]}, b: {x: 2, y: 3, l: [2]}}', '- {target: $.b, copy: $.a}')).toEqual({
      a: { x: 1, l: [1] },
      b: { x: 1, y: 3, l: [2, 1] },
    });
  });

  test('copy a node into itself', () => {
    expect(applied('{a: {x: 1, inner: {}}}', '- {target: $.a.inner, copy: $.a}')).toEqual({
      a: { x: 1, inner: { x: 1, inner: {} } },
    });
  });

  test('copy a primitive and append to an array', () => {
    const actions = '- {target: $.title, copy: $.name}\n- {target: $.names, copy: $.name}';
    expect(applied('{name: a, title: b, names: []}', actions)).toEqual({ name: 'a', title: 'a', names: ['a'] });
  });

  test('leave the original as it is and share nothing with it', () => {
    const document = documentOf('{a: {b: [1]}, c: {d: 1}}');
    const before = structuredClone(document);
    const result = applyOverlay(document, overlayOf('- {target: $.a.b, update: 2}'));
    expect(document).toEqual(before);
    expect(Object(result).c).not.toBe(Object(document).c);
  });

  test('keep the order of keys', () => {
    const result = applied(
      '{z: 1, a: {}, m: 2}',
      '- {target: $.a, update: {y: 1, b: 1}}\n- {target: $.z, remove: true}',
    );
    expect(JSON.stringify(result)).toBe('{"a":{"y":1,"b":1},"m":2}');
  });
});

describe('a target that matches nothing', () => {
  const action = '- {target: "$.paths[\'/instances\'].delete", remove: true, x-reason: It takes no body.}';

  test('is told with file, place, index, target, reason and the nearest location', () => {
    expect(messageFor('{paths: {/instances: {get: {}, post: {}}}}', `- {target: $, update: {x: 1}}\n${action}`)).toBe(
      "patches.yaml:5:12: actions[1] $.paths['/instances'].delete: the target matches nothing; " +
        "$.paths['/instances'] exists and has get, post (the patch's reason: It takes no body.)",
    );
  });

  test.each([
    ['{paths: {/instance: {get: {}}}}', "$.paths exists and has /instance; did you mean '/instance'?"],
    ['{info: {}}', '$ exists and has info'],
    ['{paths: {}}', '$.paths exists and is empty'],
    ['{paths: []}', '$.paths exists and has 0 items'],
    ['{paths: later}', '$.paths exists and is "later"'],
    [
      '{paths: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1}}',
      '$.paths exists and has a, b, c, d, e, f, g, h and 2 more',
    ],
  ])('in %s', (document, nearest) => {
    expect(messageFor(document, action)).toContain(`matches nothing; ${nearest}`);
  });

  test('whose filter passes nothing tells what the filter was asked about', () => {
    const document = '{paths: {/a: {get: {operationId: x}}, /b: {put: {operationId: y}}}}';
    expect(messageFor(document, '- {target: "$.paths.*[?@.operationId==\'z\']", remove: true}')).toContain(
      "matches nothing; $.paths[*] matches 2 nodes, the first of which, $.paths['/a'], has get",
    );
  });
});

describe('a match count', () => {
  const document = '{a: {x: 1}, b: {x: 1}, c: {x: 1}, d: {x: 1}}';

  test('other than one needs x-matches', () => {
    expect(messageFor(document, '- {target: $.*.x, update: 2}')).toBe(
      'patches.yaml:4:12: actions[0] $.*.x: the target matches 4 nodes instead of 1 ($.a.x, $.b.x, $.c.x, …); ' +
        'correct the target, or set x-matches: 4',
    );
  });

  test('other than x-matches says is an error', () => {
    expect(messageFor(document, '- {target: $.a.x, update: 2, x-matches: 2}')).toContain(
      'the target matches 1 node instead of 2 ($.a.x)',
    );
  });
});

describe('an action that changes nothing', () => {
  test.each([
    ['{a: {b: 1}}', '- {target: $.a, update: {b: 1}}'],
    ['{a: {b: 1}}', '- {target: $.a.b, update: 1}'],
    ['{a: {b: [1, 2, 3]}}', '- {target: $.a, update: {b: [3, 1]}}'],
    ['{a: [{x: 1}, 2]}', '- {target: $.a, update: {x: 1}}'],
    ['{a: [1]}', '- {target: $.a, update: []}'],
    ['{a: {x: 1}, b: {x: 1}}', '- {target: $.a, copy: $.b}'],
    ['{a: {x: 1}, b: {x: 1}}', '- {target: $.*, update: {x: 1}, x-matches: 2}'],
  ])('in %s is already fixed: %s', (document, action) => {
    expect(messageFor(document, action)).toContain('already fixed: the document says this without the action; delete');
  });

  test('is told when only some of the update is there and an array would repeat its items', () => {
    expect(messageFor('{a: {required: [id]}}', '- {target: $.a, update: {type: object, required: [id]}}')).toContain(
      'already fixed in part: $.a.required would get items a second time; take out of the action what the document has',
    );
  });

  test('is not one that appends something new beside something old', () => {
    expect(applied('{a: [1]}', '- {target: $.a, update: [1, 2]}')).toEqual({ a: [1, 1, 2] });
  });

  test.each([
    ['{a: 1}', '- {target: $.a, remove: true, update: 2}', 'update has no impact beside remove: true'],
    [
      '{a: 1}',
      '- {target: $.a, remove: true, update: 2, copy: $}',
      'update and copy have no impact beside remove: true',
    ],
    ['{a: 1}', '- {target: $.a, update: 2, copy: $.a}', 'update and copy have no impact beside each other'],
  ])('in part because of its other fields, in %s: %s', (document, action, message) => {
    expect(messageFor(document, action)).toContain(`${message}: make it an action of its own`);
  });

  test('may also say that it removes nothing', () => {
    expect(messageFor('{a: 1}', '- {target: $.a, remove: false}')).toContain('it neither updates nor removes');
  });
});

describe('a type mismatch', () => {
  test.each([
    ['{a: {b: []}}', '- {target: $.a, update: {b: {c: 1}}}', '$.a.b is an array and cannot take an object'],
    ['{a: 1}', '- {target: $.a, update: {}}', '$.a is the number 1 and cannot take an object'],
    ['{a: {}, b: []}', '- {target: $.*, update: {}, x-matches: 2}', 'a mix of kinds (array, object); all must be'],
    ['{a: 1}', '- {target: $, remove: true}', 'the whole document cannot be removed'],
    ['{a: {}}', '- {target: $.a, copy: $.b}', 'copy $.b selects nothing; $ exists and has a'],
    ['{a: {}, b: [1, 2]}', '- {target: $.a, copy: "$.b[*]"}', 'copy $.b[*] selects 2 nodes instead of one'],
  ])('in %s: %s', (document, action, message) => {
    expect(messageFor(document, action)).toContain(message);
  });

  test('in version 1.0 is also a primitive target', () => {
    expect(messageFor('{a: [1]}', '- {target: "$.a[0]", remove: true}', '1.0.0')).toContain(
      '$.a[0] is a primitive item, which Overlay 1.0 does not remove from an array: declare "overlay: 1.1.0"',
    );
    expect(messageFor('{a: 1}', '- {target: $.a, update: 2}', '1.0.0')).toContain('Overlay 1.0 targets objects and');
  });
});

test('all problems are told at once', () => {
  const error = thrownBy(() =>
    applied('{a: 1}', '- {target: $.b, remove: true}\n- {target: $.a, update: 1}\n- {target: $.a, update: []}'),
  );
  const kinds = OverlayError.isInstance(error) ? error.problems.map(({ kind, index }) => [index, kind]) : [];
  expect(kinds).toEqual([
    [0, 'no-match'],
    [1, 'no-change'],
    [2, 'type-mismatch'],
  ]);
  expect(error.message.split('\n')).toHaveLength(3);
});

describe('lenient', () => {
  test('takes any number of matches and changes that change nothing, as the standard does', () => {
    const actions = `
- {target: $.nothing, update: 1}
- {target: $.*.x, update: 2}
- {target: $.a, update: {x: 2}}
- {target: $.a.l, update: [1]}
- {target: $.a, remove: false}
- {target: $.a, update: {y: 1}, copy: $.b}
- {target: $.c, update: {y: 1}, remove: true}`;
    expect(applied('{a: {x: 1, l: [1]}, b: {x: 1}, c: {}}', actions, { lenient: true })).toEqual({
      a: { x: 2, l: [1, 1] },
      b: { x: 2 },
    });
  });

  test.each(['- {target: $.a, update: []}', '- {target: $.*, update: {}}', '- {target: $.a, copy: $.c}'])(
    'still refuses what the standard refuses: %s',
    (action) => {
      expect(() => applied('{a: {}, b: 1}', action, { lenient: true })).toThrow(OverlayError);
    },
  );
});

describe('required evidence', () => {
  test('is an error for each action that lacks a part of it', () => {
    const actions = `
- {target: $.a, update: 2, x-reason: Wrong., x-evidence: docs, x-grade: S}
- {target: $.b, update: 2, x-reason: Wrong.}
- {target: $.c, update: 2}`;
    const error = thrownBy(() => applied('{a: 1, b: 1, c: 1}', actions, { requireEvidence: true }));
    expect(error.message).toBe(
      "patches.yaml:6:12: actions[1] $.b: x-evidence, x-grade missing (the patch's reason: Wrong.)\n" +
        'patches.yaml:7:12: actions[2] $.c: x-reason, x-evidence, x-grade missing',
    );
  });

  test('is not asked for otherwise', () => {
    expect(applied('{a: 1}', '- {target: $.a, update: 2}')).toEqual({ a: 2 });
  });
});

describe('inspecting', () => {
  test('applies what fits and reports on every action', () => {
    const overlay = overlayOf(`
- {target: $.gone.x, remove: true, x-reason: It was wrong.}
- {target: $.a, update: 1}
- {target: $.a, update: {}}
- {target: $.l.*, update: 3}
- {target: $.b, update: 2}`);
    const { document, actions } = inspectOverlay(documentOf('{a: 1, b: 1, l: [1, 2]}'), overlay);
    expect(document).toEqual({ a: 1, b: 2, l: [1, 2] });
    expect(actions.map(({ index, status, matches }) => [index, status, matches])).toEqual([
      [0, 'no-match', 0],
      [1, 'no-change', 1],
      [2, 'type-mismatch', 1],
      [3, 'match-count', 2],
      [4, 'applied', 1],
    ]);
    expect(actions[0]).toMatchObject({ target: '$.gone.x', reason: 'It was wrong.' });
    expect(actions[4]?.message).toBe('applied to 1 node');
  });
});

test('an OverlayError of another copy of the package is told apart from other errors', () => {
  expect(OverlayError.isInstance(new OverlayError([]))).toBe(true);
  expect(OverlayError.isInstance(new Error('x'))).toBe(false);
  expect(OverlayError.isInstance(undefined)).toBe(false);
});
