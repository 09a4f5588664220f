// pnpm mutation [MODULE…] [--only FILE[:LINES]] [--at-once N]: changes the code that decides, one operator at a time, and counts the changes that no test notices.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { type Module, modules } from './mutation/modules.ts';
import { requiredPercent, type Score, scoreOf, survivorLine } from './mutation/score.ts';
import { UsageError, wholeNumber } from './usage.ts';

const usage = `Usage: pnpm mutation [MODULE…] [--only FILE[:LINES]] [--at-once N]

Runs StrykerJS on the code that decides: ${[...modules.keys()].join(', ')}.
Prints each change that no test noticed, and a line per module. Exits with 1 if a module is below ${requiredPercent} %.
benchmarks/mutation.md explains the changes that remain.

  --only FILE[:LINES]  change only this file of a module, for example src/teardown.ts:90-140
  --at-once N          number of changes that are tested at the same time (default: 2)`;

const root = join(import.meta.dirname, '..');

interface Choice {
  readonly names: readonly string[];
  readonly only?: string | undefined;
  readonly atOnce: number;
}

/** @throws {UsageError} */
function readArguments(args: readonly string[]): Choice {
  const text = { type: 'string' } as const;
  const { positionals: names, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { only: text, 'at-once': text },
  });
  const unknown = names.find((name) => !modules.has(name));
  if (unknown !== undefined) throw new UsageError(`Unknown module "${unknown}".`);
  if (values.only !== undefined && names.length !== 1) throw new UsageError('--only needs the name of one module.');
  return { names, only: values.only, atOnce: wholeNumber('--at-once', values['at-once'] ?? '2', 1) };
}

async function run(name: string, { folder, mutate, tests }: Module, { only, atOnce }: Choice): Promise<Score> {
  // Not `testFiles`: with it, Stryker 10 switches changes of module-level code on after the modules have been loaded.
  process.env.MUTATION_TESTS = tests.join(' ');
  const results = await new Stryker({
    testRunner: 'vitest',
    plugins: [import.meta.resolve('@stryker-mutator/vitest-runner')],
    mutate: (only === undefined ? mutate : [only]).map((file) => `${folder}/${file}`),
    vitest: { configFile: 'scripts/mutation/vitest.config.ts', dir: folder, related: false },
    // Nothing is compiled, and Stryker cannot read the configuration with TypeScript 7, which has no API.
    tsconfigFile: 'none.json',
    ignorePatterns: [
      ...['/docs', '/examples', '/upstream', '/benchmarks'],
      ...['dist', '.turbo', '.vitest', '.gpu-clouds', '.stryker-tmp'],
    ],
    tempDirName: `.stryker-tmp/${name}`,
    concurrency: atOnce,
    timeoutMS: 10_000,
    warnings: false,
    reporters: ['json'],
    jsonReporter: { fileName: `.stryker-tmp/${name}.json` },
  }).runMutationTest();
  const score = scoreOf(results);
  for (const survivor of score.survivors) console.log(survivorLine(survivor, root));
  return score;
}

async function main(choice: Choice): Promise<void> {
  process.chdir(root);
  for (const [name, module] of modules) {
    if (choice.names.length > 0 && !choice.names.includes(name)) continue;
    const score = await run(name, module, choice);
    if (score.percent < requiredPercent) process.exitCode = 1;
    console.log(
      `${name}: ${score.percent.toFixed(1)} % of ${score.total} changes noticed, ${score.survivors.length} not.`,
    );
  }
}

let choice: Choice | undefined;
try {
  const args = process.argv.slice(2);
  if (args.includes('--help')) console.log(usage);
  else choice = readArguments(args);
} catch (error) {
  console.error(`mutation: ${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 2;
}
if (choice !== undefined) await main(choice);
