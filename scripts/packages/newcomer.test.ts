import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstCallOf } from './newcomer.ts';
import { root } from './publishable.ts';

test('README.md needs five lines from npm install to a first call', () => {
  const { packages, lines } = firstCallOf(readFileSync(join(root, 'README.md'), 'utf8'));
  expect(packages).toEqual(['@gpu-clouds/gpu-ai', '@gpu-clouds/simulators']);
  expect(lines).toBeLessThanOrEqual(5);
});

test('a README without a first call is refused with what it lacks', () => {
  expect(() => firstCallOf('# a\n\n## Other\n')).toThrow('must show an npm install and a program under');
});
