import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { thrownBy } from './__fixtures__/overlay.ts';
import { createOverlay } from './diff.ts';
import { parseDocument } from './document.ts';
import { deepEqual, type JsonValue } from './json.ts';
import { parseOverlay } from './parse-overlay.ts';
import { applyOverlayToText } from './text.ts';

const file = (content: string, name = 'before.yaml') => ({ file: name, content });

function actionsFor(before: string, after: string): unknown {
  return Object(parseDocument(createOverlay(file(before), file(after, 'after.yaml')), 'diff.yaml')).actions;
}

describe('createOverlay', () => {
  test('createOverlay names the overlay and the document that it extends', () => {
    const text = createOverlay(file('a: 1'), file('a: 2'), { title: 'Patches', extends: './before.yaml' });
    expect(text).toBe(
      'overlay: 1.1.0\ninfo:\n  title: Patches\n  version: 1.0.0\nextends: ./before.yaml\nactions:\n  - target: $.a\n    update: 2\n',
    );
  });

  test('createOverlay adds new members of an object with one action', () => {
    expect(actionsFor('a: {b: 1}', 'a: {b: 1, c: 2, d: {e: 3}}')).toEqual([
      { target: '$.a', update: { c: 2, d: { e: 3 } } },
    ]);
  });

  test('createOverlay removes and appends items of a list', () => {
    expect(actionsFor('enum: [a, b, c, d]', 'enum: [a, c, e]')).toEqual([
      { target: '$.enum[1,3]', remove: true, 'x-matches': 2 },
      { target: '$.enum', update: ['e'] },
    ]);
  });

  test('createOverlay changes an item of a list in place', () => {
    expect(actionsFor('l: [{a: 1, t: text}, {a: 2}]', 'l: [{a: 3, t: text}, {a: 2}]')).toEqual([
      { target: '$.l[0].a', update: 3 },
    ]);
  });

  test('createOverlay replaces a value of another kind through its parent', () => {
    expect(actionsFor('a: {b: [1], c: 1}', 'a: {b: {d: 1}, c: 1}')).toEqual([
      { target: '$.a.b', remove: true },
      { target: '$.a', update: { b: { d: 1 } } },
    ]);
  });

  test('createOverlay keeps all digits of a number', () => {
    const overlay = createOverlay(file('a: 9007199254740992'), file('a: 9007199254740993'));
    expect(overlay).toContain('update: 9007199254740993');
  });

  test.each([
    ['a: 1', 'a: 1.0', 'before.yaml: has the same content as before.yaml'],
    ['a: 1', '[1]', 'before.yaml: no overlay turns before.yaml into this document'],
    ['"\\u0001": 1', 'b: 1', 'no overlay turns'],
  ])('createOverlay refuses %j and %j', (before, after, message) => {
    expect(thrownBy(() => createOverlay(file(before), file(after))).message).toContain(message);
  });
});

test('an overlay from two documents, applied strictly, turns the first into the second', () => {
  const json = fc
    .jsonValue({ maxDepth: 4, stringUnit: 'grapheme' })
    .map((value): JsonValue => JSON.parse(JSON.stringify(value)));
  // Few names and values, so that documents have much in common.
  const similar = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<JsonValue>(1, 2, 'x', null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  fc.assert(
    fc.property(fc.oneof(fc.tuple(json, json), fc.tuple(similar, similar)), ([one, other]) => {
      fc.pre(!deepEqual(one, other));
      const before = file(JSON.stringify({ root: one }));
      const after = { root: other };
      const overlay = parseOverlay(createOverlay(before, file(JSON.stringify(after))), 'diff.yaml');
      expect(parseDocument(applyOverlayToText(before, overlay), 'patched.json')).toEqual(after);
    }),
    { numRuns: 1000 },
  );
});
