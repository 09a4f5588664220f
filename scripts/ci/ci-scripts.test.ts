import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
let bin: string;

/** Puts a program in front of all others on the PATH. */
function standIn(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'gpu-clouds-ci-'));
  // Notes each command, fails those that FAIL matches, and answers as `pnpm test` does.
  standIn(
    'npx',
    [
      'while [ "$1" != -- ]; do shift; done; shift',
      'echo "$*" >>"$CALLS"',
      'case "$*" in "pnpm test" | "pnpm test:slow") echo "$SUMMARY" ;; esac',
      'if echo "$*" | grep -qE "$FAIL"; then exit 3; fi',
    ].join('\n'),
  );
  // What .ci/packages would install, and what .ci/e2e skips a part without.
  standIn('chromium', '');
  standIn('go', '');
});
afterEach(() => rmSync(bin, { recursive: true }));

function run(command: string, { fail = '^none$', summary = '3 passed, 0 failed' } = {}) {
  const calls = join(bin, 'calls');
  const env = {
    ...process.env,
    PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
    CALLS: calls,
    FAIL: fail,
    SUMMARY: summary,
  };
  const { status, stdout } = spawnSync('bash', ['-c', command], { cwd: root, env, encoding: 'utf8' });
  return {
    status,
    lastLine: stdout.trimEnd().split('\n').at(-1),
    stdout,
    calls: existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : [],
  };
}

test('.ci/run runs every part, the tests first, and closes with the count of tests', () => {
  const { status, lastLine, calls } = run('.ci/run');
  expect({ status, lastLine }).toEqual({ status: 0, lastLine: '6 passed, 0 failed' });
  expect(calls.slice(0, 2)).toEqual(['pnpm test', 'pnpm test:slow']);
  expect(calls.toSorted()).toEqual(
    [
      'pnpm test',
      'pnpm test:slow',
      'pnpm lint',
      'pnpm typecheck',
      'pnpm build',
      'pnpm generate --check',
      'pnpm demo',
      'pnpm demo --kill-worker',
      'pnpm test:s3',
      'pnpm chaos --runs 40 --seed 1',
      'pnpm check:packages',
      'pnpm smoke',
      'pnpm rehearse:release',
      'pnpm vendors',
    ].toSorted(),
  );
});

test.each(['pnpm lint', 'pnpm smoke', 'pnpm chaos'])('.ci/run fails when "%s" fails, and runs the rest', (part) => {
  const { status, lastLine, calls } = run('.ci/run', { fail: `^${part}` });
  expect({ status, lastLine, calls: calls.length }).toEqual({ status: 1, lastLine: '6 passed, 1 failed', calls: 14 });
});

test('.ci/run reports failed tests as their runner counted them', () => {
  const { status, lastLine } = run('.ci/run', { fail: '^pnpm test$', summary: '2 passed, 4 failed' });
  expect({ status, lastLine }).toEqual({ status: 1, lastLine: '4 passed, 8 failed' });
});

test('.ci/run fails when the tests end without a count', () => {
  const { status, lastLine } = run('.ci/run', { fail: '^pnpm test$', summary: 'no such command' });
  expect({ status, lastLine }).toEqual({ status: 1, lastLine: '0 passed, 1 failed' });
});

test('.ci/unit and .ci/workflows together run what pnpm test and pnpm test:slow run', () => {
  expect(run('.ci/unit').calls).toEqual([
    'pnpm test --filter=!@gpu-clouds/workflows',
    'pnpm test:slow --filter=!@gpu-clouds/workflows',
  ]);
  rmSync(join(bin, 'calls'));
  expect(run('.ci/workflows').calls).toEqual([
    'pnpm test --filter=@gpu-clouds/workflows',
    'pnpm test:slow --filter=@gpu-clouds/workflows',
  ]);
});

test('.ci/e2e prints how long each part took and fails with the part that failed', () => {
  const { status, stdout } = run('.ci/e2e', { fail: 'kill-worker' });
  expect(status).toBe(1);
  expect(stdout.split('=== times\n')[1]?.replaceAll(/ +\d+s {2}/g, ': ')).toBe(
    'demo: ok\ndemo --kill-worker: failed (3)\ntest:s3: ok\nchaos: ok\n',
  );
});

test('.ci/nightly runs all that .ci/run leaves out, or the parts that are named', () => {
  const seeds = 'CHAOS_SEEDS=5-6';
  expect(run(`${seeds} .ci/nightly`).calls).toEqual([
    'pnpm test:nightly',
    'pnpm test:widths',
    'pnpm cluster',
    'pnpm test:uncached',
    'pnpm batch-scale',
    'pnpm reaper-scale',
    'pnpm other-generators --required',
    'pnpm exec node scripts/report-places.ts',
    'pnpm exec node benchmarks/cpu-per-request.ts --check',
    'pnpm exec node benchmarks/offers-time/compare.ts --check',
    'pnpm vendors --all',
    'pnpm chaos --seeds 5-6 --runs 40',
    'pnpm chaos --prove --at-once 2',
    'pnpm test:model',
    'pnpm test:hostile',
    'pnpm mutation',
  ]);
  rmSync(join(bin, 'calls'));
  expect(run('.ci/nightly uncached').calls).toEqual(['pnpm test:uncached']);
  expect(run('.ci/nightly nonsense').status).toBe(2);
});
