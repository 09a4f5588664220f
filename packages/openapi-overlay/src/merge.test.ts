import { describe, expect, test } from 'vitest';
import type { Value } from './json.ts';
import { merge } from './merge.ts';

function merged(node: Value, update: Value): Value | string {
  const result = merge(node, update, ['at'], '1.1');
  return 'value' in result ? result.value : result.mismatch;
}

describe('an object', () => {
  test('an object keeps the members that the update does not mention, and its key order', () => {
    const value = merged({ b: 1, a: 2, c: 3 }, { c: 4, d: 5, b: 6 });
    expect(Object.entries(Object(value))).toEqual([
      ['b', 6],
      ['a', 2],
      ['c', 4],
      ['d', 5],
    ]);
  });

  test('an object merges the objects in it', () => {
    expect(merged({ a: { x: 1, y: { z: 1 } } }, { a: { y: { w: 2 } } })).toEqual({ a: { x: 1, y: { z: 1, w: 2 } } });
  });

  test('an object concatenates the arrays in it, even if that repeats items', () => {
    expect(merged({ a: [1, 2] }, { a: [2, 3] })).toEqual({ a: [1, 2, 2, 3] });
  });

  test('an object replaces a primitive with a primitive of any type', () => {
    expect(merged({ a: 'text', b: null, c: 1 }, { a: null, b: 2, c: true })).toEqual({ a: null, b: 2, c: true });
  });

  test.each<[Value, Value, string]>([
    [{ a: {} }, { a: [] }, '$.at.a is an object and cannot take an array'],
    [{ a: {} }, { a: 'text' }, '$.at.a is an object and cannot take the string "text"'],
    [{ a: {} }, { a: null }, '$.at.a is an object and cannot take null'],
    [{ a: [] }, { a: {} }, '$.at.a is an array and cannot take an object'],
    [{ a: [] }, { a: 1 }, '$.at.a is an array and cannot take the number 1'],
    [{ a: 1 }, { a: {} }, '$.at.a is the number 1 and cannot take an object'],
    [{ a: { b: true } }, { a: { b: [] } }, '$.at.a.b is the boolean true and cannot take an array'],
    [{}, 'text', '$.at is an object and cannot take the string "text"'],
    [{}, [], '$.at is an object and cannot take an array'],
    ['text', {}, '$.at is the string "text" and cannot take an object'],
  ])('%j and %j do not fit', (node, update, message) => {
    expect(merged(node, update)).toBe(message);
  });

  test('an object takes __proto__ as an ordinary key', () => {
    const value = merged(JSON.parse('{"a":1}'), JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(JSON.stringify(value)).toBe('{"a":1,"__proto__":{"polluted":true}}');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

test('an array takes the items of an array', () => {
  expect(merged([1], [2, [3]])).toEqual([1, 2, [3]]);
});

test.each<[Value]>([[{ name: 'x' }], ['text'], [null]])('an array takes %j as one item', (item) => {
  expect(merged([1], item)).toEqual([1, item]);
});

test('a primitive replaces a primitive', () => {
  expect(merged('old', 'new')).toBe('new');
  expect(merged(null, 3)).toBe(3);
});

describe('in version 1.0', () => {
  test('version 1.0 appends an array as one item', () => {
    expect(merge([1], [2], [], '1.0')).toEqual({ value: [1, [2]] });
  });

  test('version 1.0 refuses a primitive target', () => {
    expect(merge('old', 'new', ['a'], '1.0')).toEqual({
      mismatch: '$.a is the string "old", and Overlay 1.0 targets only objects and arrays. Set "overlay: 1.1.0"',
    });
  });
});
