import { relative } from 'node:path';
import type { Stryker } from '@stryker-mutator/core';

type MutantResult = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

/** Every module has to reach it. */
export const requiredPercent = 90;

/** What the tests made of the changes in one module. */
export interface Score {
  readonly total: number;
  readonly percent: number;
  /** Changes that no test noticed, or that no test reaches. */
  readonly survivors: readonly MutantResult[];
}

export function scoreOf(results: readonly MutantResult[]): Score {
  const valid = results.filter(({ status }) => !['CompileError', 'Ignored', 'Pending'].includes(status));
  const survivors = valid.filter(({ status }) => status !== 'Killed' && status !== 'Timeout');
  return { total: valid.length, percent: 100 * (1 - survivors.length / Math.max(1, valid.length)), survivors };
}

/** One line: where, what kind of change, and the new text. */
export function survivorLine(
  { fileName, location, mutatorName, replacement, status }: MutantResult,
  root: string,
): string {
  const text = (replacement ?? '').replaceAll(/\s+/g, ' ').slice(0, 80);
  return `  ${relative(root, fileName)}:${location.start.line}:${location.start.column} ${status} ${mutatorName}: ${text}`;
}
