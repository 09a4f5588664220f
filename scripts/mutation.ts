// pnpm mutation [MODULE…]: changes the code that decides, one operator at a time, and counts the changes that no test notices.
import { join } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { type Module, modules } from './mutation/modules.ts';
import { requiredPercent, type Score, scoreOf, survivorLine } from './mutation/score.ts';

const usage = `Usage: pnpm mutation [MODULE…]

Runs StrykerJS on the code that decides: ${[...modules.keys()].join(', ')}.
Prints each change that no test noticed, and a line per module. Exits with 1 if a module is below ${requiredPercent} %.
benchmarks/mutation.md explains the changes that remain.`;

const root = join(import.meta.dirname, '..');

async function run(name: string, { folder, mutate, tests }: Module): Promise<Score> {
  // Not `testFiles`: with it, Stryker 10 switches changes of module-level code on after the modules have been loaded.
  process.env.MUTATION_TESTS = tests.join(' ');
  const results = await new Stryker({
    testRunner: 'vitest',
    plugins: [import.meta.resolve('@stryker-mutator/vitest-runner')],
    mutate: mutate.map((file) => `${folder}/${file}`),
    vitest: { configFile: 'scripts/mutation/vitest.config.ts', dir: folder, related: false },
    // Nothing is compiled, and Stryker cannot read the configuration with TypeScript 7, which has no API.
    tsconfigFile: 'none.json',
    ignorePatterns: [
      '/docs',
      '/examples',
      '/specs',
      '/upstream',
      '/benchmarks',
      'dist',
      '.turbo',
      '.vitest',
      '.gpu-clouds',
    ],
    tempDirName: `.stryker-tmp/${name}`,
    // One changed copy at a time for each core of a small machine.
    concurrency: 2,
    timeoutMS: 10_000,
    warnings: false,
    reporters: ['json'],
    jsonReporter: { fileName: `.stryker-tmp/${name}.json` },
  }).runMutationTest();
  const score = scoreOf(results);
  for (const survivor of score.survivors) console.log(survivorLine(survivor, root));
  return score;
}

const names = process.argv.slice(2);
const unknown = names.find((name) => !modules.has(name));
if (names.includes('--help')) console.log(usage);
else if (unknown !== undefined) {
  console.error(`mutation: Unknown module "${unknown}".\n${usage}`);
  process.exitCode = 2;
} else {
  process.chdir(root);
  for (const [name, module] of modules) {
    if (names.length > 0 && !names.includes(name)) continue;
    const score = await run(name, module);
    if (score.percent < requiredPercent) process.exitCode = 1;
    console.log(
      `${name}: ${score.percent.toFixed(1)} % of ${score.total} changes noticed, ${score.survivors.length} not.`,
    );
  }
}
