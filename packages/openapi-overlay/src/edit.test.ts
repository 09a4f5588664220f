import { expect, test } from 'vitest';
import { edit } from './edit.ts';

const gone = () => undefined;

test('edit removes the selected items of one array in any order', () => {
  expect(edit(['a', 'b', 'c', 'd', 'e'], [[3], [0], [1]], gone)).toEqual(['c', 'e']);
});

test('edit removes an array whose items are selected too', () => {
  expect(edit({ list: [1, 2], other: 3 }, [['list', 0], ['list']], gone)).toEqual({ other: 3 });
});

test('edit removes the selected ones of equal items', () => {
  expect(edit([1, 1, 1], [[0], [2]], gone)).toEqual([1]);
});

test('edit changes a node after the nodes in it', () => {
  const seen: string[] = [];
  edit({ a: { b: 1 } }, [['a'], ['a', 'b'], []], (value, location) => {
    seen.push(location.join('.'));
    return value;
  });
  expect(seen).toEqual(['a.b', 'a', '']);
});

test('edit leaves the original and the key order as they are', () => {
  const original = { z: [1, 2], a: { c: 1, b: 2 } };
  const changed = edit(
    original,
    [
      ['z', 0],
      ['a', 'c'],
    ],
    gone,
  );
  expect(JSON.stringify(changed)).toBe('{"z":[2],"a":{"b":2}}');
  expect(original).toEqual({ z: [1, 2], a: { c: 1, b: 2 } });
});

test('edit returns undefined if the root is removed', () => {
  expect(edit({ a: 1 }, [[]], gone)).toBeUndefined();
});
