import { expect, test } from 'vitest';
import { bundleSize, sizeVerdict } from './bundle-size.ts';

const budget = { name: 'core', program: '', limit: 8, goal: 6 };

test('a bundle over its limit fails', () => {
  expect(sizeVerdict(budget, 8.01)).toEqual({ ok: false, text: 'core 8.01 kB (limit 8, goal 6)' });
});

test('a bundle within its limit passes, and is reminded of its goal', () => {
  expect(sizeVerdict(budget, 8)).toEqual({ ok: true, text: 'core 8.00 kB (limit 8, goal 6)' });
});

test('a bundle that reached its goal is not reminded', () => {
  expect(sizeVerdict(budget, 6)).toEqual({ ok: true, text: 'core 6.00 kB (limit 8)' });
});

test('the size is that of the minified and gzipped bundle', async () => {
  const size = await bundleSize(`const text = ${JSON.stringify('gpu'.repeat(10_000))}; console.log(text);`, '.');
  expect(size).toBeGreaterThan(0.05);
  expect(size).toBeLessThan(0.3);
});
