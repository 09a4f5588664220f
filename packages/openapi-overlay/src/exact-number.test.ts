import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExactNumber, readNumber, sameNumber } from './exact-number.ts';

test.each([
  ['9007199254740993', '9007199254740993'],
  ['1.0', '1.0'],
  ['1e400', '1e400'],
  ['-0', '-0'],
  ['0xFFFFFFFFFFFFFFFF', '18446744073709551615'],
  ['+9007199254740993', '9007199254740993'],
  ['.50', '0.50'],
  ['-.5e1', '-0.5e1'],
  ['1.', '1.0'],
])('readNumber keeps the digits of %s', (source, text) => {
  expect(readNumber(source)).toEqual(new ExactNumber(text));
});

test.each([
  ['12', 12],
  ['0.5', 0.5],
  ['012', 12],
  ['0o17', 15],
])('readNumber reads %s as a JavaScript number', (source, value) => {
  expect(readNumber(source)).toBe(value);
});

test.each(['.nan', '-.inf', '1_000', '12:30', '.', ''])('readNumber refuses %j', (source) => {
  expect(readNumber(source)).toBeUndefined();
});

test.each([
  ['9007199254740992', true],
  ['9007199254740993', false],
  ['9223372036854775807', false],
  ['1e400', false],
  ['1e-400', false],
  ['0e5', true],
  ['3.14159265358979323846', true],
])('%s fits in a JavaScript number: %s', (text, fits) => {
  expect(new ExactNumber(text).fits).toBe(fits);
});

test('sameNumber compares numbers, not their notation', () => {
  expect(sameNumber(1, new ExactNumber('1.0'))).toBe(true);
  expect(sameNumber(new ExactNumber('1e2'), 100)).toBe(true);
  expect(sameNumber(new ExactNumber('-0'), 0)).toBe(true);
  expect(sameNumber(new ExactNumber('9007199254740993'), 9007199254740992)).toBe(false);
});

test('readNumber reads every number that JSON.stringify writes as that number', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(finite, (value) => {
      expect(readNumber(JSON.stringify(value))).toBe(value === 0 ? 0 : value);
    }),
  );
});
