import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const rounds = 10;

/**
 * Checks the output of the example job in its run folder: the log must contain every round once, in order, and the command must have
 * started once.
 * @returns one sentence per problem
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
