import { expect, test } from 'vitest';
import { installProblems } from './lean-install.ts';

const lean = { name: 'jobs', megabytes: 60, without: ['ssh2', '@temporalio/worker'] };

test('an install within its limit and without forbidden packages has no problems', () => {
  expect(installProblems(lean, { megabytes: 60, packages: ['zod', 'ssh2-streams'] })).toEqual([]);
});

test('an install that is too large or brings forbidden packages has a problem for each', () => {
  expect(installProblems(lean, { megabytes: 60.06, packages: ['zod', 'ssh2'] })).toEqual([
    'jobs brings 60.1 MB, and may bring 60',
    'jobs brings ssh2',
  ]);
});

test('a package without a limit may bring any number of bytes', () => {
  expect(installProblems({ name: 'workflows', without: [] }, { megabytes: 300, packages: [] })).toEqual([]);
});
