import { expect, it } from 'vitest';
import { production } from './decisions.ts';
import { explore } from './explore.ts';
import type { Bounds } from './moves.ts';
import { mutations } from './mutations.ts';

const everyChange: readonly Bounds[] = [
  { faults: 0, ticks: 5 },
  { faults: 1, ticks: 3 },
  { faults: 2, ticks: 0 },
];
const everyNight: readonly Bounds[] = [{ faults: 1, ticks: 5 }];

it.each(process.env.GPU_CLOUDS_DEEP_MODEL ? everyNight : everyChange)(
  'no interleaving of $ticks ticks with $faults faults leaves an orphan, makes a double, or ends an instance in use',
  (bounds) => {
    const { states, moves, counterexample } = explore(production, bounds);
    console.log(`ownership model: ${states} states, ${moves} moves (faults: ${bounds.faults}, ticks: ${bounds.ticks})`);
    expect(counterexample).toBeUndefined();
  },
  1_800_000,
);

it.each(mutations)('the ownership model breaks a promise if $name', ({ name, wrong }) => {
  const { states, counterexample } = explore({ ...production, ...wrong }, { faults: 1, ticks: 3 });
  console.log(`${name}: ${counterexample?.promise}, after ${states} states`);
  expect(counterexample).toBeDefined();
});
