import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Background } from './background.ts';
import { GenerationError } from './generation-error.ts';

/** Returns a module that serves a function. */
function moduleOf(source: string): URL {
  const file = join(mkdtempSync(join(tmpdir(), 'gpu-clouds-thread-')), 'thread.mjs');
  const here = (name: string) => pathToFileURL(join(import.meta.dirname, name)).href;
  writeFileSync(
    file,
    `import { serve } from '${here('background.ts')}';
import { GenerationError } from '${here('generation-error.ts')}';
serve({ run: async (input) => { ${source} } });
`,
  );
  return pathToFileURL(file);
}

const threadOf = (source: string) => new Background(moduleOf(source));

test('calls of a thread are answered each with its own result', async () => {
  const call = threadOf('return input * 2;').function<number, number>('run');
  expect(await Promise.all([1, 2, 3].map(call))).toEqual([2, 4, 6]);
});

test('an error that a maintainer can correct keeps its type across the thread', async () => {
  const call = threadOf('throw new GenerationError(input);').function<string, string>('run');
  await expect(call('wrong')).rejects.toThrow(new GenerationError('wrong'));
  await expect(call('wrong')).rejects.toBeInstanceOf(GenerationError);
});

test('any other error of a thread is thrown as it is, also when its module does not load', async () => {
  const broken = threadOf('throw new RangeError(input);').function<string, string>('run');
  await expect(broken('a bug')).rejects.toThrow('a bug');
  const absent = new Background(new URL('absent.ts', import.meta.url)).function<string, string>('run');
  await expect(absent('anything')).rejects.toThrow('absent.ts');
});

test('a thread that was started and never called does not keep the process alive', async () => {
  const here = pathToFileURL(join(import.meta.dirname, 'background.ts')).href;
  const program = join(mkdtempSync(join(tmpdir(), 'gpu-clouds-thread-')), 'program.mjs');
  const start = `new Background(new URL('${moduleOf('return input;').href}')).start();`;
  writeFileSync(program, `import { Background } from '${here}';\n${start}\n`);
  await promisify(execFile)(process.execPath, [program], { timeout: 30_000 });
});
