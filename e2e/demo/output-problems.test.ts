import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { outputProblems } from './output-problems.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-'));
  mkdirSync(join(folder, 'outputs'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function wrote(rounds: readonly number[], starts: number): void {
  writeFileSync(join(folder, 'output.log'), rounds.map((round) => `round ${round} of 10: pi is about 3.1\n`).join(''));
  writeFileSync(join(folder, 'outputs', 'result.json'), JSON.stringify({ pi: 3.1, starts }));
}

test('outputProblems accepts a complete log of a command that started once', () => {
  wrote([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 1);
  expect(outputProblems(folder)).toEqual([]);
});

test('outputProblems reports lost and repeated rounds', () => {
  wrote([1, 2, 2, 4, 5, 6, 7, 8, 9, 10], 1);
  expect(outputProblems(folder)).toEqual(['the log has the rounds 1, 2, 2, 4, 5, 6, 7, 8, 9, 10 instead of 1 to 10']);
});

test('outputProblems reports a command that started twice', () => {
  wrote([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 2);
  expect(outputProblems(folder)).toEqual(['the command was started 2 times']);
});
