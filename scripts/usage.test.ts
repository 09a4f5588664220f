import { expect, it } from 'vitest';
import { readSeeds } from './usage.ts';

it('readSeeds expands seeds and ranges and removes duplicates', () => {
  expect(readSeeds('3,7-9,8')).toEqual([3, 7, 8, 9]);
});

it.each(['', '1,', 'x', '3-1', '1-2-3', '-1', '1.5'])('readSeeds rejects a malformed list: "%s"', (list) => {
  expect(() => readSeeds(list)).toThrow('--seeds');
});
