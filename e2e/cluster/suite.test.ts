import { expect, it } from 'vitest';
import { jobKinds } from '../chaos/plan.ts';
import { expectedOutcomes, suitePlan } from './suite.ts';

const { runs, faults } = suitePlan();

it('the suite has jobs of every kind, one cancelled run, and one terminated run', () => {
  expect(new Set(runs.map(({ kind }) => kind))).toEqual(new Set(jobKinds));
  expect(runs.flatMap(({ interferences }) => interferences.map(({ what }) => what)).sort()).toEqual([
    'cancel',
    'terminate',
  ]);
});

it('the expected outcomes of the suite add up to the number of runs', () => {
  const sum = Object.values(expectedOutcomes).reduce((total, count) => total + count, 0);
  expect(sum).toBe(runs.length);
});

it('the suite kills a worker and the server before all runs have started', () => {
  const whats = faults.map(({ action }) => action.what);
  expect(whats).toEqual(expect.arrayContaining(['worker-kill', 'server-kill']));
  for (const { afterStarts } of faults) expect(afterStarts).toBeLessThan(runs.length);
});
