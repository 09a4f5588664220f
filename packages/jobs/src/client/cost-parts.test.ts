import { expect, it } from 'vitest';
import { type CostPart, groupCosts } from './cost-parts.ts';

const part = (values: Partial<CostPart>): CostPart => ({
  run: 'a',
  vendor: 'verda',
  gpu: 'H100 SXM',
  day: '2026-11-27',
  tags: {},
  dollars: 1,
  ...values,
});

it('costs are grouped by vendor with the most expensive first, and count each run once', () => {
  const parts = [part({}), part({ day: '2026-11-28' }), part({ run: 'b', vendor: 'gpu-ai', dollars: 5 })];
  expect(groupCosts(parts, 'vendor')).toEqual([
    { name: 'gpu-ai', runs: 1, dollars: 5 },
    { name: 'verda', runs: 1, dollars: 2 },
  ]);
});

it('costs are grouped by day in the order of the days', () => {
  const parts = [part({ day: '2026-11-28', dollars: 9 }), part({})];
  expect(groupCosts(parts, 'day').map(({ name }) => name)).toEqual(['2026-11-27', '2026-11-28']);
});

it('costs of runs without the tag are in a group of their own', () => {
  const parts = [part({ tags: { team: 'vision' } }), part({ run: 'b' })];
  expect(groupCosts(parts, 'tag', 'team').map(({ name }) => name)).toEqual(['vision', '(no tag)']);
});
