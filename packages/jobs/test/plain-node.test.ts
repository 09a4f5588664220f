import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const entries = ['index', 'contract', 'worker', 'codec/index', 's3/index', 'tracing/index'];

// Vitest finds named exports of CommonJS packages that Node does not find.
it.each(entries)('Node imports src/%s.ts without a bundler', async (entry) => {
  const url = new URL(`../src/${entry}.ts`, import.meta.url);
  const program = `await import(${JSON.stringify(url.href)}); console.log('imported'); process.exit(0);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  expect(stdout).toContain('imported');
});
