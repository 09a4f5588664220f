import { expect, test } from 'vitest';
import { dollars } from './dollars.ts';

test.each([
  [0, '$0.00'],
  [1e-17, '<$0.0001'],
  [0.00004, '<$0.0001'],
  [0.00006, '$0.0001'],
  [0.0007, '$0.0007'],
  [0.00999, '$0.0100'],
  [0.01, '$0.01'],
  [12.4, '$12.40'],
  [-0.0094, '-$0.0094'],
  [-0.00001, '>-$0.0001'],
  [-12.4, '-$12.40'],
])('dollars formats %d as %s', (amount, text) => {
  expect(dollars(amount)).toBe(text);
});
