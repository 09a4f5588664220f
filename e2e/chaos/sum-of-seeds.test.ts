import { expect, it } from 'vitest';
import { noDeviation } from './judge.ts';
import type { SeedReport } from './many-seeds.ts';
import { reachedBy } from './reached.ts';
import { sumOf, tableOf } from './sum-of-seeds.ts';

const report: SeedReport = {
  seed: 1,
  runs: 3,
  faults: ['cancel'],
  outcomes: { succeeded: 2, cancelled: 1 },
  leaked: { instances: 0, keys: 0, volumes: 0, jobDeployments: 0 },
  ...noDeviation,
  reaped: 1,
  reached: reachedBy([]),
  seconds: 20.5,
};
const leaking = { ...report, seed: 2, leaked: { instances: 2, keys: 0, volumes: 1, jobDeployments: 0 }, overCap: 0.5 };

it('sumOf adds up seeds and lists those that failed or have no report', () => {
  const results = [
    { seed: 1, report },
    { seed: 2, report: leaking },
    { seed: 3, failure: 'it crashed' },
  ];
  expect(sumOf(results)).toMatchObject({
    seeds: 3,
    runs: 6,
    outcomes: { succeeded: 4, cancelled: 2 },
    leaked: { instances: 2, keys: 0, volumes: 1, jobDeployments: 0 },
    overCap: 0.5,
    reaped: 2,
    failedSeeds: [2, 3],
  });
});

it('tableOf has one row per seed, in order, with its deviations', () => {
  const table = tableOf(
    [
      { seed: 3, failure: 'it crashed' },
      { seed: 2, report: leaking },
    ],
    { commit: 'abc' },
  );
  const rows = table.split('\n').filter((line) => line.startsWith('|'));
  expect(rows).toEqual([
    '| seed | runs | succeeded | other outcomes | wrong     | reaped | seconds |',
    '| ---- | ---- | --------- | -------------- | --------- | ------ | ------- |',
    '| 2    | 3    | 2         | 1              | 2         | 1      | 20.5    |',
    '| 3    |      |           |                | no result |        |         |',
    '| all  | 3    | 2         | 1              | 2         | 1      |         |',
  ]);
  expect(table).toContain('- outcomes: 2 succeeded, 1 cancelled\n');
  expect(table).toContain('- wrong with seed 2: leaked 3, overCap 0.5\n- wrong with seed 3: it crashed\n');
  expect(table).toContain('- commit: abc');
});

it('tableOf breaks lines at 160 characters', () => {
  const failure = 'a word '.repeat(60).trim();
  const lines = tableOf([{ seed: 1, failure }], {}).split('\n');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(160);
  expect(lines.join(' ').replaceAll(/ +/g, ' ')).toContain(failure);
});
