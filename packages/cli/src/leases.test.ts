import { expect, test } from 'vitest';
import { checkOutput } from '../test/output-schemas.ts';
import { exitCodes } from './cli-error.ts';
import { refuseNode, withCost } from './leases.ts';

test('a lease in JSON has its cost so far, and its total cost once it has ended', () => {
  const startedAt = new Date('2026-01-01T00:00:00Z');
  const known = { name: 'mine', fleet: 'dev', vendor: 'verda', pricePerHour: 2 } as const;
  const lease = { ...known, id: 'gpuc-dev-mine-0', state: 'ready', startedAt } as const;
  const cost = withCost(lease, startedAt.getTime() + 1_800_000);
  const total = withCost({ ...lease, state: 'released', endedAt: new Date('2026-01-01T02:00:00Z') });
  expect([cost.cost, total.cost, withCost({ ...lease, pricePerHour: undefined }).cost]).toEqual([1, 4, undefined]);
  checkOutput(['ls'], [JSON.stringify([cost, total])]);
  checkOutput(['show', 'mine'], [JSON.stringify({ lease: cost })]);
});

test('a lease has one instance, so any other node than the first is refused', () => {
  expect(() => refuseNode('mine', 5)).toThrow(
    expect.objectContaining({
      message: 'The lease "mine" has one instance, so there is no node 5. Leave out --node.',
      exitCode: exitCodes.usage,
    }),
  );
  for (const node of [undefined, 0]) expect(() => refuseNode('mine', node)).not.toThrow();
});
