import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleSize, sizeBudgets, sizeVerdict } from './bundle-size.ts';

const budget = { name: 'core', program: '', limit: 6 };

test('sizeVerdict fails a bundle over its limit', () => {
  expect(sizeVerdict(budget, 6.01)).toEqual({ ok: false, text: 'core 6.01 of 6' });
});

test('sizeVerdict passes a bundle at its limit', () => {
  expect(sizeVerdict(budget, 6)).toEqual({ ok: true, text: 'core 6.00 of 6' });
});

test.each(sizeBudgets)('the bundle of $name is at most $limit kB', async (budget) => {
  const { ok, text } = sizeVerdict(budget, await bundleSize(budget.program, import.meta.dirname));
  expect(ok, text).toBe(true);
});

let folder = '';
/** Returns a text that does not compress below half of its length. */
const noise = (length: number) => Array.from({ length }, (_, i) => ((i * i * 7919) % 65_521).toString(16)).join('');
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-size-'));
  writeFileSync(join(folder, 'lazy.js'), `export const lazy = ${JSON.stringify(noise(2000))};`);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('bundleSize measures the minified and gzipped bundle', async () => {
  const size = await bundleSize(`console.log(${JSON.stringify('gpu'.repeat(10_000))})`, folder);
  expect(size).toBeGreaterThan(0.05);
  expect(size).toBeLessThan(0.3);
});

test('bundleSize counts a module that is imported dynamically', async () => {
  const dynamic = await bundleSize(`console.log(await import('./lazy.js'));`, folder);
  const constant = await bundleSize(`import * as all from './lazy.js'; console.log(all);`, folder);
  expect(dynamic).toBeGreaterThan(3);
  expect(Math.abs(dynamic - constant)).toBeLessThan(0.3);
});
