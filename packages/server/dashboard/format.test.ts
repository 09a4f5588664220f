import { expect, it } from 'vitest';
import { dollars, gpuPrice, waitsFor } from './format.ts';

it('a run that waits for its lease does not seem to wait for an offer', () => {
  const reasons = ['no-offer', 'budget', 'lease'] as const;
  expect(reasons.map((reason) => waitsFor({ reason }))).toEqual(['an offer', 'the budget', 'the lease']);
});

it('the price of one GPU is that of its instance divided by the number of GPUs', () => {
  expect(gpuPrice({ pricePerHour: 16.8, gpuCount: 8 })).toBe('$2.10/h');
});

it('a cost that four digits cannot show is less than the least of them, not nothing', () => {
  expect([dollars(0.00001), dollars(0)]).toEqual(['<$0.0001', '$0.00']);
});
