// Runs the tests of every package with turbo, which caches unchanged packages, and prints the sum of their results.
// Usage: node scripts/test.ts [--slow] [turbo arguments, for example --filter=@gpu-clouds/core]
// With --slow, it runs the test files that take too long for every change, and no others.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';

/** What Vitest's JSON reporter writes, as far as it is needed here. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
  readonly testResults: readonly FileResults[];
}

interface FileResults {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages: readonly string[] | null;
  }[];
}

const root = join(import.meta.dirname, '..');
const isSlow = process.argv.includes('--slow');
const [task, results] = isSlow ? ['test:slow', 'slow-results.json'] : ['test', 'results.json'];
const resultsFiles = () => globSync(`{packages/*,workflows,e2e,scripts,examples}/.vitest/${results}`, { cwd: root });

// Remove the results of earlier runs. Turbo restores the files of cached runs.
for (const file of resultsFiles()) rmSync(join(root, file));

const given = process.argv.slice(2).filter((argument) => argument !== '--slow');
/** The package with the slowest tests. They start first and run alongside the others, because they often wait. */
const longest = '@gpu-clouds/workflows';
const others = availableParallelism();
const runs =
  given.length > 0
    ? [['--concurrency=100%', ...given]]
    : [
        ['--concurrency=1', `--filter=${longest}`],
        [`--concurrency=${others}`, `--filter=!${longest}`],
      ];
const exitCodes = await Promise.all(runs.map(turbo));
const succeeded = exitCodes.every((code) => code === 0);

async function turbo(args: readonly string[]): Promise<number | null> {
  const child = spawn('turbo', ['run', task, '--continue=always', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { TURBO_TELEMETRY_DISABLED: '1', ...process.env },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code]: (number | null)[] = await once(child, 'exit');
  return code ?? null;
}

const all = resultsFiles().map((file): Results => JSON.parse(readFileSync(join(root, file), 'utf8')));
const total = (count: (results: Results) => number) => all.reduce((sum, results) => sum + count(results), 0);
const passed = total((results) => results.numPassedTests);
// A package that fails outside of a test, for example because a file does not load, counts as one failure.
const failed = total((results) => results.numFailedTests || (results.success ? 0 : 1));
const skipped = total((results) => results.numPendingTests + results.numTodoTests);

/** A line for each failure of a file: its tests, or else what kept it from running. */
function failuresOf({ name, status, message, assertionResults }: FileResults): string[] {
  const tests = assertionResults.filter((test) => test.status === 'failed');
  const failures = tests.map((test) => `${test.fullName}: ${test.failureMessages?.join(' ') ?? ''}`);
  const all = failures.length > 0 || status !== 'failed' ? failures : [message];
  return all.map((text) => `FAILED ${relative(root, name)}: ${text.replaceAll(/\s+/g, ' ').slice(0, 600)}`);
}

// Last, where a reader of a long log looks.
for (const line of all.flatMap((results) => results.testResults.flatMap(failuresOf))) console.log(line);
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
if (all.length === 0) console.error('No test ran. See the output of turbo above.');
process.exitCode = succeeded && failed === 0 && passed > 0 ? 0 : 1;
