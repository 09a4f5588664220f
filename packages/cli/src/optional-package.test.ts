import { expect, test } from 'vitest';
import { loadOptional } from './optional-package.ts';

function missing(name: string): Error {
  return Object.assign(new Error(`Cannot find package '${name}' imported from here`), { code: 'ERR_MODULE_NOT_FOUND' });
}

test('loadOptional reports a package that is not installed, with the command that installs it', async () => {
  const load = () => Promise.reject(missing('@gpu-clouds/workflows'));
  await expect(loadOptional('@gpu-clouds/workflows', load)).rejects.toThrow(
    'This command requires the package @gpu-clouds/workflows. Install it with "npm install @gpu-clouds/workflows".',
  );
});

test('loadOptional installs a package where the command is installed', async () => {
  const load = () => Promise.reject(missing('@gpu-clouds/dev'));
  for (const [from, install] of [
    ['/usr/lib/node_modules/@gpu-clouds/cli/dist', 'npm install --global @gpu-clouds/dev'],
    [`${process.cwd()}/node_modules/@gpu-clouds/cli/dist`, 'npm install @gpu-clouds/dev'],
  ] as const)
    await expect(loadOptional('@gpu-clouds/dev', load, from)).rejects.toThrow(`Install it with "${install}".`);
});

test('loadOptional does not report an installed package as missing when one of its dependencies is', async () => {
  const broken = missing('@temporalio/worker');
  await expect(loadOptional('@gpu-clouds/workflows', () => Promise.reject(broken))).rejects.toBe(broken);
});
