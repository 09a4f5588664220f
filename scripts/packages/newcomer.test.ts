import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstCallOf } from './newcomer.ts';
import { root } from './publishable.ts';

test("README.md's way from npm install to a first call is five lines", () => {
  const { packages, lines } = firstCallOf(readFileSync(join(root, 'README.md'), 'utf8'));
  expect(packages).toEqual(['@gpu-clouds/gpu-ai', '@gpu-clouds/simulators']);
  expect(lines).toBeLessThanOrEqual(5);
});

test('a README without such a way is told what it lacks', () => {
  expect(() => firstCallOf('# a\n\n## Other\n')).toThrow('must show an npm install and a program under');
});
