import { expect, it } from 'vitest';
import { type Billed, unreportedDollars, wrongFigure } from './wrong-bill.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const billed = (from: number, to: number): Billed => {
  const times = { createdAt: at(from), goneAt: at(to) };
  return { name: 'gpuc-chaos-a-0-htjfe', dollars: 0.05, highestPricePerHour: 0.3, ...times };
};
const run = {
  reported: { outcome: 'succeeded', dollars: 0.1, phases: [{ phase: 'running', seconds: 1200, dollars: 0.1 }] },
  applied: new Set<never>(),
  prices: [{ name: 'gpuc-chaos-a-0-htjfe', pricePerHour: 0.3 }],
} as const;

it('an instance that is created again under its name after it is gone has one price', () => {
  expect(wrongFigure(run, [billed(0, 10), billed(10, 20)], [])).toBeUndefined();
});

it('an instance and its volume that exist at the same time have the sum of their prices', () => {
  expect(wrongFigure(run, [billed(0, 10), billed(5, 20)], [])).toContain('but the vendor billed $0.6/h');
});

it('a job deployment that never billed may be counted at the price that the run showed, while it existed and not much longer', () => {
  const never = { ...billed(0, 10), highestPricePerHour: 0, dollars: 0 };
  const figureOf = (dollars: number, item: Billed) => {
    const phases = [{ phase: 'booting', seconds: 600, dollars }] as const;
    return wrongFigure({ ...run, reported: { outcome: 'failed', dollars, phases } }, [item], []);
  };
  const deployment = { ...never, jobs: 0 };
  expect(figureOf(0.06, deployment)).toBeUndefined();
  expect(figureOf(0.07, deployment)).toContain('at most $0.0650 were billed');
  expect(figureOf(0.06, never)).toContain('at most $0.0000 were billed');
});

it('an instance counts on while the server is away, also if that begins after it is gone', () => {
  // Ten minutes, the three in which it may count on, and the two of the outage.
  const outage = { from: Date.parse(at(11)), to: Date.parse(at(13)) };
  const figureOf = (dollars: number) => {
    const phases = [{ phase: 'running', seconds: 600, dollars }] as const;
    return wrongFigure({ ...run, reported: { outcome: 'failed', dollars, phases } }, [billed(0, 10)], [outage]);
  };
  expect(figureOf(0.0749)).toBeUndefined();
  expect(figureOf(0.0761)).toContain('at most $0.0750 were billed');
});

it('a run that was reset must report what its earlier instance cost', () => {
  const reset = { ...run, applied: new Set(['reset'] as const) };
  const earlier = { ...billed(0, 10), name: 'gpuc-chaos-a-1-htjfe' };
  expect(unreportedDollars(reset, [billed(10, 20), earlier], [])).toBe(0);
  const forgot = { ...reset, reported: { outcome: 'succeeded', dollars: 0.05 } };
  // Five seconds of both prices are tolerated.
  expect(unreportedDollars(forgot, [billed(10, 20), earlier], [])).toBeCloseTo(0.05 - (5 / 3600) * 0.6, 6);
});
