import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { exitCodes } from './cli-error.ts';
import { exitCodeOf } from './exit-code.ts';

/** Creates a result as read from Temporal. A worker of another version may have written values that do not match the type. */
function result(outcome: string, exitCode: unknown): Parameters<typeof exitCodeOf>[0] {
  return JSON.parse(JSON.stringify({ outcome, exitCode }));
}

it('exitCodeOf returns 0 for a run that succeeded', () => {
  expect(exitCodeOf(result('succeeded', 0))).toBe(0);
});

it.each([1, 3, 130, 137, 255])('exitCodeOf returns %d for a run whose command exited with it', (code) => {
  expect(exitCodeOf(result('failed', code))).toBe(code);
  expect(exitCodeOf(result('stopped', code))).toBe(code);
});

it.each(['failed', 'stopped', 'cancelled'])('exitCodeOf never returns 0 for a run with outcome %s', (outcome) => {
  expect(exitCodeOf(result(outcome, 0))).toBe(1);
});

it.each([null, undefined, Number.NaN, '0', '', '3', 0.5, -1, 256, 1e9, {}])(
  'exitCodeOf returns 1 for a value that is not a process exit code: %j',
  (code) => {
    for (const outcome of ['succeeded', 'failed', 'stopped']) expect(exitCodeOf(result(outcome, code))).toBe(1);
  },
);

it('the README describes every exit code, and each has one meaning', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, described = ''] = /Exit codes\.([^#]*)/.exec(readme) ?? [];
  const codes = [...described.matchAll(/(?<=[-.] )(\d+): /g)].map(([, code]) => Number(code));
  expect(codes).toEqual(Object.values(exitCodes));
});
