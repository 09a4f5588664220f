import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleSize, sizeVerdict } from './bundle-size.ts';

const budget = { name: 'core', program: '', limit: 8, goal: 6 };

test('a bundle over its limit fails', () => {
  expect(sizeVerdict(budget, { initial: 8.01, later: 0 })).toEqual({
    ok: false,
    text: 'core 8.01 kB (limit 8, goal 6)',
  });
});

test('a bundle within its limit passes, and is reminded of its goal', () => {
  expect(sizeVerdict(budget, { initial: 8, later: 0 })).toEqual({ ok: true, text: 'core 8.00 kB (limit 8, goal 6)' });
});

test('what is loaded on demand is told, and does not count', () => {
  expect(sizeVerdict(budget, { initial: 6, later: 3 })).toEqual({
    ok: true,
    text: 'core 6.00 kB + 3.00 on demand (limit 8)',
  });
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
  expect(later).toBe(0);
});

test('a module that is imported dynamically is on demand, one that is imported is not', async () => {
  const importing = `import { eager } from './eager.js'; console.log(eager);`;
  const { initial, later } = await bundleSize(`${importing} console.log(await import('./lazy.js'));`, folder);
  const alone = await bundleSize(importing, folder);
  expect(initial - alone.initial).toBeLessThan(0.1);
  expect(later).toBeGreaterThan(initial);
});
