import { expect, test } from 'vitest';
import { exitCodes } from './cli-error.ts';
import { refuseNode } from './leases.ts';

test('a lease has one instance, so any other node than the first is refused', () => {
  expect(() => refuseNode('mine', 5)).toThrow(
    expect.objectContaining({
      message: 'The lease "mine" has one instance, so there is no node 5. Leave out --node.',
      exitCode: exitCodes.usage,
    }),
  );
  for (const node of [undefined, 0]) expect(() => refuseNode('mine', node)).not.toThrow();
});
