import { expect, test } from 'vitest';
import { tsdoc } from './tsdoc.ts';

test('a one-line comment stays on one line', () => {
  expect(tsdoc(['List machines'])).toEqual(['/** List machines */']);
});

test('a comment escapes its end mark and tags', () => {
  expect(tsdoc(['a */ b\n@internal c {@link d} e@f'])).toEqual([
    '/**',
    ' * a *\\/ b',
    ' * \\@internal c \\{@link d} e@f',
    ' */',
  ]);
});

test('a comment loses the common indentation and keeps that of its code', () => {
  expect(tsdoc(['\n  First\n    - second\n      - third\n   '])).toEqual([
    '/**',
    ' * First',
    ' * - second',
    ' *   - third',
    ' */',
  ]);
});

test('a deprecated operation gets a @deprecated tag', () => {
  expect(tsdoc(['Old'], true)).toEqual(['/**', ' * Old', ' *', ' * @deprecated', ' */']);
});
