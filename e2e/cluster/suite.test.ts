import { expect, it } from 'vitest';
import { jobKinds } from '../chaos/plan.ts';
import { expectedOutcomes, suitePlan } from './suite.ts';

const { runs, faults } = suitePlan();

it('the suite has jobs of every kind, one that is cancelled and one that is terminated', () => {
  expect(new Set(runs.map(({ kind }) => kind))).toEqual(new Set(jobKinds));
  expect(runs.flatMap(({ interferences }) => interferences.map(({ what }) => what)).sort()).toEqual([
    'cancel',
    'terminate',
  ]);
});

it('how many runs have to end how adds up to all runs', () => {
  const sum = Object.values(expectedOutcomes).reduce((total, count) => total + count, 0);
  expect(sum).toBe(runs.length);
});

it('a worker and the server are killed while runs are still to be started', () => {
  const whats = faults.map(({ action }) => action.what);
  expect(whats).toEqual(expect.arrayContaining(['worker-kill', 'server-kill']));
  for (const { afterStarts } of faults) expect(afterStarts).toBeLessThan(runs.length);
});
