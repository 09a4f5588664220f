import { expect, it } from 'vitest';
import { reachedBy } from './reached.ts';
import type { RunRecord } from './run-record.ts';

const run = (plan: Partial<RunRecord['plan']>, changes: Partial<RunRecord> = {}): RunRecord => ({
  plan: {
    id: 's1r0',
    kind: 'exit-code',
    shape: 'instance',
    exitCode: 3,
    vendors: ['verda'],
    lines: 3,
    pauseMs: 1,
    setup: false,
    interferences: [],
    ...plan,
  },
  applied: new Set(),
  reported: { outcome: 'failed', exitCode: 3 },
  prices: [],
  evidence: {
    starts: [{ step: 'command', instance: 'verda-1@sim', node: 0 }],
    ends: [],
    outputs: new Map(),
    results: new Map(),
  },
  kept: [],
  ...changes,
});

it('reachedBy counts what commands came to, and not what was planned only', () => {
  const { evidence } = run({});
  const found = { what: 'restored', instance: 'verda-1@sim', node: 0, run: 's1r0', step: 2 } as const;
  const restored = (by: string) => run({}, { evidence: { ...evidence, checkpoints: [{ ...found, by }] } });
  const runs = [
    restored('verda-0@sim'),
    restored('verda-1@sim'),
    run({ features: ['runs-again', 'same-instance'] }),
    run({ features: ['runs-again', 'other-exit-codes'] }),
    run({ features: ['runs-again', 'other-exit-codes'] }, { reported: { outcome: 'cancelled' } }),
    run({ features: ['alternatives'] }),
    run({ features: ['alternatives', 'prefers-price'] }),
    run({ features: ['alternatives'] }, { evidence: { ...evidence, starts: [] } }),
    run({ kind: 'idle-warned' }, { flagged: true }),
    run({ kind: 'idle-warned' }),
  ];
  expect(reachedBy(runs)).toEqual({
    restored: 1,
    listedCodes: 1,
    otherCodes: 1,
    preferredOrder: 1,
    preferredPrice: 1,
    idleWarnings: 1,
  });
});
