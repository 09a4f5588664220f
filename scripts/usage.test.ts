import { expect, it } from 'vitest';
import { readSeeds } from './usage.ts';

it('seeds are given singly and as ranges, each once', () => {
  expect(readSeeds('3,7-9,8')).toEqual([3, 7, 8, 9]);
});

it.each(['', '1,', 'x', '3-1', '1-2-3', '-1', '1.5'])('what is no list of seeds is refused: "%s"', (list) => {
  expect(() => readSeeds(list)).toThrow('--seeds');
});
