import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const rounds = 10;

/**
 * What is wrong with what the example job left in its run's folder: every round has to be in the log once, in order, and the command
 * has to have been started once.
 */
export function outputProblems(folder: string): readonly string[] {
  const log = readFileSync(join(folder, 'output.log'), 'utf8');
  const seen = [...log.matchAll(/^round (\d+) of/gm)].map(([, round]) => Number(round));
  const expected = Array.from({ length: rounds }, (_, index) => index + 1);
  const problems: string[] = [];
  if (seen.join() !== expected.join())
    problems.push(`the log has the rounds ${seen.join(', ')} instead of 1 to ${rounds}`);
  const result: { starts?: number } = JSON.parse(readFileSync(join(folder, 'outputs', 'result.json'), 'utf8'));
  if (result.starts !== 1) problems.push(`the command was started ${result.starts} times`);
  return problems;
}
