import { expect, test } from 'vitest';
import { edit } from './edit.ts';

const gone = () => undefined;

test('removing several items of one array removes those, in whatever order they are named', () => {
  expect(edit(['a', 'b', 'c', 'd', 'e'], [[3], [0], [1]], gone)).toEqual(['c', 'e']);
});

test('removing an array and one of its items removes the array', () => {
  expect(edit({ list: [1, 2], other: 3 }, [['list', 0], ['list']], gone)).toEqual({ other: 3 });
});

test('removing equal items removes the ones named', () => {
  expect(edit([1, 1, 1], [[0], [2]], gone)).toEqual([1]);
});

test('a node changes after the nodes inside it', () => {
  const seen: string[] = [];
  edit({ a: { b: 1 } }, [['a'], ['a', 'b'], []], (value, location) => {
    seen.push(location.join('.'));
    return value;
  });
  expect(seen).toEqual(['a.b', 'a', '']);
});

test('the original and the key order stay', () => {
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

test('nothing is left when the root goes', () => {
  expect(edit({ a: 1 }, [[]], gone)).toBeUndefined();
});
