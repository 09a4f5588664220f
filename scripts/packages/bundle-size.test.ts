import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleSize, sizeBudgets, sizeVerdict } from './bundle-size.ts';

const budget = { name: 'core', program: '', limit: 6 };

test('a bundle over its limit fails', () => {
  expect(sizeVerdict(budget, { initial: 6.01, later: {} })).toEqual({ ok: false, text: 'core 6.01 of 6' });
});

test('a bundle within its limit passes; what is loaded later is told, and does not count', () => {
  expect(sizeVerdict(budget, { initial: 6, later: { raw: 3, pages: 0.5 } })).toEqual({
    ok: true,
    text: 'core 6.00 of 6, later raw 3.00, pages 0.50',
  });
});

test.each(sizeBudgets)('$name is within its $limit kB', async (budget) => {
  const { ok, text } = sizeVerdict(budget, await bundleSize(budget.program, import.meta.dirname));
  expect(ok, text).toBe(true);
});

let folder = '';
/** Text that does not compress below half of its length. */
const noise = (length: number) => Array.from({ length }, (_, i) => ((i * i * 7919) % 65_521).toString(16)).join('');
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-size-'));
  writeFileSync(join(folder, 'eager.js'), `export const eager = ${JSON.stringify(noise(1000))};`);
  writeFileSync(join(folder, 'lazy.js'), `export const lazy = ${JSON.stringify(noise(2000))};`);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the size is that of the minified and gzipped bundle', async () => {
  const { initial, later } = await bundleSize(`console.log(${JSON.stringify('gpu'.repeat(10_000))})`, folder);
  expect(initial).toBeGreaterThan(0.05);
  expect(initial).toBeLessThan(0.3);
  expect(later).toEqual({});
});

test('a module that is imported dynamically is on demand, one that is imported is not', async () => {
  const importing = `import { eager } from './eager.js'; console.log(eager);`;
  const { initial, later } = await bundleSize(`${importing} console.log(await import('./lazy.js'));`, folder);
  const alone = await bundleSize(importing, folder);
  expect(initial - alone.initial).toBeLessThan(0.1);
  expect(later).toEqual({ lazy: expect.any(Number) });
  expect(later.lazy).toBeGreaterThan(initial);
});
