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

describe('an action that fits', () => {
  test('update merges into the root', () => {
    expect(applied('{info: {title: a}}', '- {target: $, update: {info: {version: "1"}, tags: []}}')).toEqual({
      info: { title: 'a', version: '1' },
      tags: [],
    });
  });

  test('update replaces a primitive', () => {
    expect(applied('{info: {title: a}}', '- {target: $.info.title, update: b}')).toEqual({ info: { title: 'b' } });
  });

  test('update changes every node that a wildcard matches', () => {
    const document = '{paths: {/a: {get: {}}, /b: {get: {}, put: {}}}}';
    expect(applied(document, '- {target: $.paths.*.get, update: {x-safe: true}, x-matches: 2}')).toEqual({
      paths: { '/a': { get: { 'x-safe': true } }, '/b': { get: { 'x-safe': true }, put: {} } },
    });
  });

  test('update changes nodes that contain one another', () => {
    expect(
      applied('{a: {type: object, a: {type: object}}}', '- {target: $..a, update: {seen: true}, x-matches: 2}'),
    ).toEqual({
      a: { type: 'object', seen: true, a: { type: 'object', seen: true } },
    });
  });

  test('update appends one item, or all items of an array, to an array', () => {
    expect(
      applied('{tags: [a], list: [a]}', '- {target: $.tags, update: b}\n- {target: $.list, update: [b, c]}'),
    ).toEqual({
      tags: ['a', 'b'],
      list: ['a', 'b', 'c'],
    });
  });

  test('remove takes several items out of one array', () => {
    const document =
      '{parameters: [{in: header, name: a}, {in: query, name: b}, {in: header, name: c}, {in: query, name: d}]}';
    expect(applied(document, '- {target: "$.parameters[?@.in==\'header\']", remove: true, x-matches: 2}')).toEqual({
      parameters: [
        { in: 'query', name: 'b' },
        { in: 'query', name: 'd' },
      ],
    });
  });

  test('remove takes out adjacent primitives selected by their value', () => {
    expect(applied('{tags: [x, x, a, x]}', '- {target: "$.tags[?@==\'x\']", remove: true, x-matches: 3}')).toEqual({
      tags: ['a'],
    });
  });

  test('remove takes out a primitive property in version 1.0, as in the official examples', () => {
    expect(applyOverlay(documentOf('{a: 1, b: 2}'), overlayOf('- {target: $.a, remove: true}', '1.0.0'))).toEqual({
      b: 2,
    });
  });

  test('remove takes out a property whose value is null', () => {
    expect(applied('{a: {b: null}}', '- {target: $.a.b, remove: true}')).toEqual({ a: {} });
  });

  test('remove and update together replace an enum', () => {
    const actions = '- {target: $.enum, remove: true}\n- {target: $, update: {enum: [b, c]}}';
    expect(applied('{enum: [a, b]}', actions)).toEqual({ enum: ['b', 'c'] });
  });

  test('an action sees the results of the actions before it', () => {
    const actions = '- {target: $, update: {b: {}}}\n- {target: $.b, copy: $.a}\n- {target: $.a, remove: true}';
    expect(applied('{a: {x: [1]}}', actions)).toEqual({ b: { x: [1] } });
  });

  test('copy merges into an existing node by the rules of update', () => {
    expect(applied('{a: {x: 1, l: [1]}, b: {x: 2, y: 3, l: [2]}}', '- {target: $.b, copy: $.a}')).toEqual({
      a: { x: 1, l: [1] },
      b: { x: 1, y: 3, l: [2, 1] },
    });
  });

  test('copy merges a node into its own child', () => {
    expect(applied('{a: {x: 1, inner: {}}}', '- {target: $.a.inner, copy: $.a}')).toEqual({
      a: { x: 1, inner: { x: 1, inner: {} } },
    });
  });

  test('copy replaces a primitive and appends to an array', () => {
    const actions = '- {target: $.title, copy: $.name}\n- {target: $.names, copy: $.name}';
    expect(applied('{name: a, title: b, names: []}', actions)).toEqual({ name: 'a', title: 'a', names: ['a'] });
  });

  test('applyOverlay leaves the original as it is and shares nothing with it', () => {
    const document = documentOf('{a: {b: [1]}, c: {d: 1}}');
    const before = structuredClone(document);
    const result = applyOverlay(document, overlayOf('- {target: $.a.b, update: 2}'));
    expect(document).toEqual(before);
    expect(Object(result).c).not.toBe(Object(document).c);
  });

  test('applyOverlay keeps the order of keys', () => {
    const result = applied(
      '{z: 1, a: {}, m: 2}',
      '- {target: $.a, update: {y: 1, b: 1}}\n- {target: $.z, remove: true}',
    );
    expect(JSON.stringify(result)).toBe('{"a":{"y":1,"b":1},"m":2}');
  });
});

describe('a target that matches nothing', () => {
  const action = '- {target: "$.paths[\'/instances\'].delete", remove: true, x-reason: It takes no body.}';

  test('a target without matches is reported with file, line, index, target, reason, and the nearest location', () => {
    expect(messageFor('{paths: {/instances: {get: {}, post: {}}}}', `- {target: $, update: {x: 1}}\n${action}`)).toBe(
      "patches.yaml:5:12: actions[1] $.paths['/instances'].delete: the target matches nothing; " +
        "$.paths['/instances'] exists and has get, post (reason: It takes no body.)",
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
  ])('a target without matches in %s is reported with %s', (document, nearest) => {
    expect(messageFor(document, action)).toContain(`matches nothing; ${nearest}`);
  });

  test('a filter without matches is reported with the nodes that it tested', () => {
    const document = '{paths: {/a: {get: {operationId: x}}, /b: {put: {operationId: y}}}}';
    expect(messageFor(document, '- {target: "$.paths.*[?@.operationId==\'z\']", remove: true}')).toContain(
      "matches nothing; $.paths[*] matches 2 nodes, the first of which, $.paths['/a'], has get",
    );
  });
});

describe('a match count', () => {
  const document = '{a: {x: 1}, b: {x: 1}, c: {x: 1}, d: {x: 1}}';

  test('more matches than one need x-matches, and the error lists them', () => {
    expect(messageFor(document, '- {target: $.*.x, update: 2}')).toBe(
      'patches.yaml:4:12: actions[0] $.*.x: the target matches 4 nodes instead of 1: $.a.x, $.b.x, $.c.x, $.d.x. ' +
        'Correct the target, or x-matches if the action fits all of them',
    );
  });

  test('fewer matches than x-matches are an error', () => {
    expect(messageFor(document, '- {target: $.a.x, update: 2, x-matches: 2}')).toContain(
      'the target matches 1 node instead of 2: $.a.x.',
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
  ])('a document that has all of the update is already fixed: %s, %s', (document, action) => {
    expect(messageFor(document, action)).toContain('already fixed: the document has all of it. Delete the action');
  });

  test('an update that would repeat the items of one array is already fixed in part', () => {
    expect(messageFor('{a: {required: [id]}}', '- {target: $.a, update: {type: object, required: [id]}}')).toContain(
      'already fixed in part: $.a.required would get items twice. Delete these items from the action',
    );
  });

  test('an update with new and existing items of an array applies', () => {
    expect(applied('{a: [1]}', '- {target: $.a, update: [1, 2]}')).toEqual({ a: [1, 1, 2] });
  });

  test.each([
    ['{a: 1}', '- {target: $.a, remove: true, update: 2}', 'update has no effect with remove: true'],
    ['{a: 1}', '- {target: $.a, remove: true, update: 2, copy: $}', 'update and copy have no effect with remove: true'],
    ['{a: 1}', '- {target: $.a, update: 2, copy: $.a}', 'update and copy have no effect together'],
  ])('an action with a field that has no effect is refused: %s, %s', (document, action, message) => {
    expect(messageFor(document, action)).toContain(`${message}. Use separate actions`);
  });

  test('an action with only remove: false is refused', () => {
    expect(messageFor('{a: 1}', '- {target: $.a, remove: false}')).toContain(
      'the action changes nothing: it has no "update"',
    );
  });
});

describe('a type mismatch', () => {
  test.each([
    ['{a: {b: []}}', '- {target: $.a, update: {b: {c: 1}}}', '$.a.b is an array and cannot take an object'],
    ['{a: 1}', '- {target: $.a, update: {}}', '$.a is the number 1 and cannot take an object'],
    ['{a: {}, b: []}', '- {target: $.*, update: {}, x-matches: 2}', 'several kinds (array, object); all must be'],
    ['{a: 1}', '- {target: $, remove: true}', 'the root cannot be removed'],
    ['{a: {}}', '- {target: $.a, copy: $.b}', 'copy $.b selects nothing; $ exists and has a'],
    ['{a: {}, b: [1, 2]}', '- {target: $.a, copy: "$.b[*]"}', 'copy $.b[*] selects 2 nodes instead of one'],
  ])('an action that does not fit is refused: %s, %s', (document, action, message) => {
    expect(messageFor(document, action)).toContain(message);
  });

  test('version 1.0 refuses primitive targets', () => {
    expect(messageFor('{a: [1]}', '- {target: "$.a[0]", remove: true}', '1.0.0')).toContain(
      '$.a[0] is a primitive item, and Overlay 1.0 cannot remove it from an array. Set "overlay: 1.1.0"',
    );
    expect(messageFor('{a: 1}', '- {target: $.a, update: 2}', '1.0.0')).toContain('Overlay 1.0 targets only objects');
  });
});

test('applyOverlay reports all problems at once', () => {
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
  test('lenient accepts any number of matches and actions that change nothing', () => {
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
    'lenient refuses what the specification refuses: %s',
    (action) => {
      expect(() => applied('{a: {}, b: 1}', action, { lenient: true })).toThrow(OverlayError);
    },
  );
});

describe('required evidence', () => {
  test('requireEvidence refuses each action without reason, evidence, or grade', () => {
    const actions = `
- {target: $.a, update: 2, x-reason: Wrong., x-evidence: docs, x-grade: S}
- {target: $.b, update: 2, x-reason: Wrong.}
- {target: $.c, update: 2}`;
    const error = thrownBy(() => applied('{a: 1, b: 1, c: 1}', actions, { requireEvidence: true }));
    expect(error.message).toBe(
      'patches.yaml:6:12: actions[1] $.b: x-evidence, x-grade missing (reason: Wrong.)\n' +
        'patches.yaml:7:12: actions[2] $.c: x-reason, x-evidence, x-grade missing',
    );
  });

  test('evidence is optional by default', () => {
    expect(applied('{a: 1}', '- {target: $.a, update: 2}')).toEqual({ a: 2 });
  });
});

describe('inspecting', () => {
  test('inspectOverlay applies what fits and reports on every action', () => {
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

test('isInstance recognizes an OverlayError by its mark, not by its class', () => {
  expect(OverlayError.isInstance(new OverlayError([]))).toBe(true);
  expect(OverlayError.isInstance(new Error('x'))).toBe(false);
  expect(OverlayError.isInstance(undefined)).toBe(false);
});
