import { expect, test } from 'vitest';
import { loadOptional } from './optional-package.ts';

function missing(name: string): Error {
  return Object.assign(new Error(`Cannot find package '${name}' imported from here`), { code: 'ERR_MODULE_NOT_FOUND' });
}

test('a package that is not installed is one sentence that says how to install it', async () => {
  const load = () => Promise.reject(missing('@gpu-clouds/workflows'));
  await expect(loadOptional('@gpu-clouds/workflows', load)).rejects.toThrow(
    'This needs the package @gpu-clouds/workflows. Install it with "npm install @gpu-clouds/workflows".',
  );
});

test('a package that lacks a dependency of its own is not reported as missing', async () => {
  const broken = missing('@temporalio/worker');
  await expect(loadOptional('@gpu-clouds/workflows', () => Promise.reject(broken))).rejects.toBe(broken);
});
