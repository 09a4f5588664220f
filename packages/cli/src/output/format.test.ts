import { expect, test } from 'vitest';
import { moreMatch } from '../commands/offers.ts';
import { onlyNewest } from '../commands/ps.ts';
import { counted, elapsed, size } from './format.ts';

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

test('a count of one is singular', () => {
  expect([0, 1, 2].map((count) => counted(count, 'item'))).toEqual(['0 items', '1 item', '2 items']);
  expect([1, 2].map(moreMatch)).toEqual(['1 more offer matches.', '2 more offers match.']);
  expect([1, 2].map(onlyNewest)).toEqual([
    'Only the newest run is shown. Raise --limit to see more.',
    'Only the newest 2 runs are shown. Raise --limit to see more.',
  ]);
});
