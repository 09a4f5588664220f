import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import type { TestFile } from './mutation.ts';

/**
 * Runs tests in a copy of the repository.
 * @param root Folder of the copy.
 * @returns how many of them fail
 */
export async function failedTests(root: string, { file, name }: TestFile, signal: AbortSignal): Promise<number> {
  const [first = '', second = ''] = file.split('/');
  const folder = join(root, first, first === 'packages' ? second : '');
  const report = join(folder, '.vitest', 'proof.json');
  await rm(report, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', relative(folder, join(root, file)).split(sep).join('/'), '--reporter=json'];
  const names = name === undefined ? [] : ['--testNamePattern', name];
  const run = promisify(execFile)(process.execPath, [vitest, ...args, `--outputFile=${report}`, ...names], {
    cwd: folder,
    signal,
    maxBuffer: 64 * 1024 * 1024,
  });
  // It ends with 1 if a test fails, and also if it could run none.
  const said = await run.then(
    () => '',
    (error: unknown) => String(error),
  );
  const text = await readFile(report, 'utf8').catch(() => '{}');
  const { numFailedTests, numPassedTests }: { numFailedTests?: number; numPassedTests?: number } = JSON.parse(text);
  if (!numFailedTests && !numPassedTests) throw new Error(`No test of ${file} ran: ${said}`);
  return numFailedTests ?? 0;
}
