import { expect, test } from 'vitest';
import { tsdoc } from './tsdoc.ts';

test('one line stays one line', () => {
  expect(tsdoc(['List machines'])).toEqual(['/** List machines */']);
});

test('what would end the comment or start a tag is escaped', () => {
  expect(tsdoc(['a */ b\n@internal c {@link d} e@f'])).toEqual([
    '/**',
    ' * a *\\/ b',
    ' * \\@internal c \\{@link d} e@f',
    ' */',
  ]);
});

test("a vendor's indentation goes, that of code in it stays", () => {
  expect(tsdoc(['\n  First\n    - second\n      - third\n   '])).toEqual([
    '/**',
    ' * First',
    ' * - second',
    ' *   - third',
    ' */',
  ]);
});

test('deprecation is a tag of its own', () => {
  expect(tsdoc(['Old'], true)).toEqual(['/**', ' * Old', ' *', ' * @deprecated', ' */']);
});
