import { expect, test } from 'vitest';
import { elapsed, size } from './format.ts';

test.each([
  [400, '0.4s'],
  [65_000, '1m 05s'],
  [7_620_000, '2h 07m'],
])('elapsed formats %d milliseconds as %s', (milliseconds, text) => {
  expect(elapsed(milliseconds)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1_500_000, '1.5 MB'],
  [123_456_789_012, '123 GB'],
])('size formats %d bytes as %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
