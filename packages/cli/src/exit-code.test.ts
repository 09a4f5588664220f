import { expect, it } from 'vitest';
import { exitCodeOf } from './exit-code.ts';

/** As a result of Temporal is: what it holds is not what its type says, where another version of a worker wrote it. */
function result(outcome: string, exitCode: unknown): Parameters<typeof exitCodeOf>[0] {
  return JSON.parse(JSON.stringify({ outcome, exitCode }));
}

it('a run that succeeded is exit code 0', () => {
  expect(exitCodeOf(result('succeeded', 0))).toBe(0);
});

it.each([1, 3, 130, 137, 255])('a run whose command ended with %d has that exit code', (code) => {
  expect(exitCodeOf(result('failed', code))).toBe(code);
  expect(exitCodeOf(result('stopped', code))).toBe(code);
});

it.each(['failed', 'stopped', 'cancelled'])('a run that %s is never exit code 0', (outcome) => {
  expect(exitCodeOf(result(outcome, 0))).toBe(1);
});

it.each([null, undefined, Number.NaN, '0', '', '3', 0.5, -1, 256, 1e9, {}])(
  'what is no exit code of a process is a failure, whatever the outcome: %j',
  (code) => {
    for (const outcome of ['succeeded', 'failed', 'stopped']) expect(exitCodeOf(result(outcome, code))).toBe(1);
  },
);
