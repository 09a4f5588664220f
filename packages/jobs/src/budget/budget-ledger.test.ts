import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BudgetDecision, BudgetRequest } from './budget-api.ts';
import { BudgetLedger } from './budget-ledger.ts';

const hour = 3_600_000;
const noon = Date.UTC(2026, 10, 28, 12);
const midnight = Date.UTC(2026, 10, 29);

function ledgerWith(dollars: number, per: 'day' | 'month' = 'day'): BudgetLedger {
  const ledger = new BudgetLedger();
  ledger.change({ limit: { dollars, per } }, noon);
  return ledger;
}

function request(id: string, dollars: number, more: Partial<BudgetRequest> = {}): BudgetRequest {
  return { id, dollars, pricePerHour: 1, deadline: noon + 100 * hour, ...more };
}

const left = (ledger: BudgetLedger, now = noon) => ledger.facts(now)[0]?.left;

describe('a budget', () => {
  test('a budget grants what fits and refuses what does not, and says what is left', () => {
    const ledger = ledgerWith(10);
    expect(ledger.request(request('a', 6), noon)).toEqual({ id: 'a', dollars: 6, granted: true });
    expect(ledger.request(request('b', 5), noon)).toEqual({
      id: 'b',
      dollars: 5,
      granted: false,
      message: 'The budget is $10.00 per day, of which $4.00 is left until 2026-11-29T00:00:00Z. $5.00 is needed.',
    });
    expect(ledger.request(request('c', 4), noon)?.granted).toBe(true);
    expect(left(ledger)).toBe(0);
  });

  test('a repeated budget request is answered again and reserves nothing more', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 6), noon);
    expect(ledger.request(request('a', 6), noon)?.granted).toBe(true);
    expect(left(ledger)).toBe(4);
  });

  test('an instance that is older than the budget counts from its creation, even if there is no room for it', () => {
    const ledger = ledgerWith(10);
    const yesterday = midnight - 26 * hour;
    const older = request('old', 15, { existsSince: yesterday });
    expect(ledger.request(older, noon)).toEqual({ id: 'old', dollars: 15, granted: true });
    // $2 of it were spent yesterday.
    expect(ledger.facts(noon)).toMatchObject([{ reserved: 13, left: 0 }]);
    expect(ledger.request(request('old', 16), noon)?.granted).toBe(false);
    expect(ledger.request({ ...older, dollars: 16 }, noon)?.granted).toBe(false);
    ledger.settle({ id: 'old', dollars: 15 }, noon);
    expect(ledger.facts(noon)[0]?.spent).toBeCloseTo(15 * (12 / 14));
  });

  test('an instance that needs more gets the difference if it fits, and keeps what it has if not', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 4), noon);
    expect(ledger.request(request('a', 8), noon + hour)?.granted).toBe(true);
    expect(left(ledger)).toBe(2);
    expect(ledger.request(request('a', 12), noon + hour)).toMatchObject({
      granted: false,
      message: expect.stringContaining('$4.00 is needed'),
    });
    expect(left(ledger)).toBe(2);
  });

  test('an ended instance gives back the budget that it did not spend, to whoever has waited longest', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 10), noon);
    expect(ledger.request(request('b', 9, { wait: true }), noon)).toBeUndefined();
    expect(ledger.request(request('c', 9, { wait: true }), noon)).toBeUndefined();
    expect(ledger.settle({ id: 'a', dollars: 1 }, noon + hour)).toEqual([{ id: 'b', dollars: 9, granted: true }]);
    expect(ledger.facts(noon + hour)[0]).toMatchObject({ spent: 1, reserved: 9, left: 0, waiting: 1 });
  });

  test('a budget request larger than the whole budget is refused even if it would wait', () => {
    expect(ledgerWith(10).request(request('a', 11, { wait: true }), noon)?.granted).toBe(false);
  });

  test('money that was granted to a run that waited moves to its instances', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('run', 8, { wait: true }), noon);
    expect(ledger.request(request('node-0', 4, { from: 'run' }), noon)?.granted).toBe(true);
    expect(left(ledger)).toBe(2);
    expect(ledger.request(request('node-1', 5, { from: 'run' }), noon)?.granted).toBe(true);
    expect(left(ledger)).toBe(1);
    expect(ledger.request(request('node-2', 2, { from: 'run' }), noon)?.granted).toBe(false);
  });

  test('a lease, which names itself as its run, reserves more only if there is room', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('lease', 6, { from: 'lease' }), noon);
    expect(ledger.request(request('lease', 12, { from: 'lease' }), noon)?.granted).toBe(false);
    expect(left(ledger)).toBe(4);
  });

  test('only a run that waited loses its reservation if it has ended before it could use it', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('run', 4, { wait: true }), noon);
    ledger.request(request('instance', 4), noon);
    ledger.forget('run', noon);
    ledger.forget('instance', noon);
    expect(left(ledger)).toBe(6);
  });

  test('a waiting budget request that is settled waits no longer', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 10), noon);
    ledger.request(request('b', 5, { wait: true }), noon);
    ledger.settle({ id: 'b', dollars: 0 }, noon);
    expect(ledger.settle({ id: 'a', dollars: 0 }, noon)).toEqual([]);
  });

  test('money counts to the UTC day in which it is billed', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 10, { pricePerHour: 0.5 }), midnight - 4 * hour);
    // $2 of it was billed before midnight, at most $8 can be billed after.
    expect(left(ledger, midnight + hour)).toBe(2);
    ledger.settle({ id: 'a', dollars: 4 }, midnight + 4 * hour);
    expect(ledger.facts(midnight + 4 * hour)[0]).toMatchObject({ spent: 2, reserved: 0, left: 8 });
    expect(ledger.facts(midnight - 1)[0]?.spent).toBe(4);
  });

  test('a refusal writes small amounts so that they do not read as nothing', () => {
    const ledger = ledgerWith(0.3);
    ledger.request(request('a', 0.295), noon);
    expect(ledger.request(request('b', 0.006), noon)).toMatchObject({
      message: 'The budget is $0.30 per day, of which $0.0050 is left until 2026-11-29T00:00:00Z. $0.0060 is needed.',
    });
  });

  test('a budget per month begins anew on the first day of the next month', () => {
    const ledger = ledgerWith(10, 'month');
    ledger.request(request('a', 10), noon);
    ledger.settle({ id: 'a', dollars: 10 }, noon + hour);
    expect(left(ledger, midnight)).toBe(0);
    expect(left(ledger, Date.UTC(2026, 11, 1))).toBe(10);
  });

  test('a request that waits is granted when the next day begins', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 10), noon);
    ledger.settle({ id: 'a', dollars: 10 }, noon + hour);
    ledger.request(request('b', 5, { wait: true }), noon + hour);
    expect(ledger.nextChangeAt(noon + hour)).toBe(midnight);
    expect(ledger.serveWaiting(midnight)).toEqual([{ id: 'b', dollars: 5, granted: true }]);
  });

  test('the reservation of an owner that died counts as spent in full at its deadline', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 6, { deadline: noon + 2 * hour }), noon);
    expect(ledger.nextChangeAt(noon)).toBe(noon + 2 * hour);
    ledger.expire(noon + 2 * hour);
    expect(ledger.facts(noon + 2 * hour)[0]).toMatchObject({ spent: 6, reserved: 0 });
  });

  test('an account with a limit of its own is checked besides the budget of the fleet', () => {
    const ledger = ledgerWith(10);
    ledger.change({ account: 'agent', limit: { dollars: 2, per: 'day' } }, noon);
    expect(ledger.request(request('a', 3, { accounts: ['agent'] }), noon)).toMatchObject({
      granted: false,
      message: expect.stringContaining('The budget of agent is $2.00 per day'),
    });
    expect(ledger.request(request('b', 3), noon)?.granted).toBe(true);
  });

  test('a lower limit takes effect at once for new requests', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 6), noon);
    ledger.change({ limit: { dollars: 5, per: 'day' } }, noon);
    expect(left(ledger)).toBe(0);
    expect(ledger.request(request('b', 0.01), noon)?.granted).toBe(false);
  });

  test('a request that fills a budget to the last fraction of a cent fits', () => {
    const ledger = ledgerWith(0.3);
    for (const id of ['a', 'b', 'c']) expect(ledger.request(request(id, 0.1), noon)?.granted).toBe(true);
  });

  test('a request for the whole budget waits, even if its sum has a rounding error', () => {
    const ledger = ledgerWith(0.3);
    ledger.request(request('a', 0.1), noon);
    expect(ledger.request(request('all', 0.1 + 0.2, { wait: true }), noon)).toBeUndefined();
  });

  test('a smaller request for what is reserved already keeps the larger reservation', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 6), noon);
    expect(ledger.request(request('a', 2), noon + hour)).toEqual({ id: 'a', dollars: 2, granted: true });
    expect(ledger.state.reservations).toMatchObject([{ id: 'a', dollars: 6, since: noon }]);
  });

  test('a reservation whose money was all taken for its instances is gone', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('run', 0.3, { wait: true }), noon);
    ledger.request(request('node-0', 0.1, { from: 'run' }), noon);
    expect(ledger.state.reservations.map(({ id }) => id)).toEqual(['run', 'node-0']);
    ledger.request(request('node-1', 0.2, { from: 'run' }), noon);
    expect(ledger.state.reservations.map(({ id }) => id)).toEqual(['node-0', 'node-1']);
  });

  test('an instance that needs less than it has reserved gives nothing back to its run', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('run', 5, { wait: true }), noon);
    ledger.request(request('node', 4, { from: 'run' }), noon);
    ledger.request(request('node', 2, { from: 'run' }), noon);
    expect(ledger.state.reservations).toMatchObject([{ dollars: 1 }, { dollars: 4 }]);
  });

  test('an instance that is said to have cost less than nothing has cost nothing', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 6), noon);
    ledger.settle({ id: 'a', dollars: -5 }, noon + hour);
    expect(ledger.facts(noon + hour)[0]).toMatchObject({ spent: 0, left: 10 });
  });

  test('settling an instance that the ledger does not know changes nothing', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 10), noon);
    ledger.request(request('b', 5, { wait: true }), noon);
    ledger.change({ limit: { dollars: 20, per: 'day' } }, noon);
    const before = ledger.state;
    expect(ledger.settle({ id: 'unknown', dollars: 3 }, noon)).toEqual([]);
    expect(ledger.forget('unknown', noon)).toEqual([]);
    expect(ledger.state).toEqual(before);
  });

  test('a higher limit, or none, lets waiting requests in', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 10), noon);
    ledger.request(request('b', 5, { wait: true }), noon);
    ledger.request(request('c', 9, { wait: true }), noon);
    expect(ledger.waits).toBe(true);
    expect(ledger.change({ limit: { dollars: 15, per: 'day' } }, noon)).toEqual([
      { id: 'b', dollars: 5, granted: true },
    ]);
    expect([ledger.hasLimits, ledger.change({}, noon)]).toEqual([true, [{ id: 'c', dollars: 9, granted: true }]]);
    expect([ledger.hasLimits, ledger.waits]).toEqual([false, false]);
  });

  test('a reservation is overdue at its deadline, not before, and lets waiting requests in', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 6, { pricePerHour: 0.1, deadline: midnight + 6 * hour }), midnight - 6 * hour);
    ledger.request(request('b', 6, { wait: true }), midnight);
    expect(ledger.expire(midnight + 6 * hour - 1)).toEqual([]);
    expect(ledger.expire(midnight + 6 * hour)).toEqual([{ id: 'b', dollars: 6, granted: true }]);
    expect(ledger.facts(midnight + 6 * hour)[0]).toMatchObject({ spent: 3, reserved: 6 });
  });

  test('nothing waits and nothing changes by itself in a ledger without reservations and waiting requests', () => {
    expect(new BudgetLedger().waits).toBe(false);
    expect(ledgerWith(10).nextChangeAt(noon)).toBe(Number.POSITIVE_INFINITY);
  });

  test('the next change is the end of the shortest period if a request waits', () => {
    const ledger = ledgerWith(10, 'month');
    ledger.request(request('a', 10, { deadline: midnight + 400 * hour }), noon);
    ledger.request(request('b', 5, { wait: true }), noon);
    expect(ledger.nextChangeAt(noon)).toBe(Date.UTC(2026, 11, 1));
    ledger.change({ account: 'agent', limit: { dollars: 1, per: 'day' } }, noon);
    expect(ledger.nextChangeAt(noon)).toBe(midnight);
  });

  test('a budget says what was spent and reserved, until when, and how many wait', () => {
    const ledger = ledgerWith(10, 'month');
    ledger.change({ account: 'agent', limit: { dollars: 4, per: 'day' } }, noon);
    ledger.request(request('a', 6), noon);
    ledger.request(request('b', 3, { accounts: ['agent'] }), noon);
    ledger.request(request('c', 2, { accounts: ['agent'], wait: true }), noon);
    ledger.settle({ id: 'b', dollars: 3 }, noon);
    ledger.request(request('d', 9, { wait: true }), noon);
    expect(ledger.facts(noon)).toEqual([
      {
        account: 'fleet',
        limit: { dollars: 10, per: 'month' },
        until: '2026-12-01T00:00:00.000Z',
        spent: 3,
        reserved: 6,
        left: 1,
        waiting: 2,
      },
      {
        account: 'agent',
        limit: { dollars: 4, per: 'day' },
        until: '2026-11-29T00:00:00.000Z',
        spent: 3,
        reserved: 0,
        left: 1,
        waiting: 1,
      },
    ]);
  });

  test('a ledger continues with all that another one knew', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 4), noon);
    ledger.settle({ id: 'a', dollars: 3 }, noon);
    ledger.request(request('b', 6), noon);
    ledger.request(request('c', 5, { wait: true }), noon);
    const next = new BudgetLedger(JSON.parse(JSON.stringify(ledger.state)));
    expect(next.state).toEqual(ledger.state);
    expect(next.facts(noon)).toEqual(ledger.facts(noon));
    expect(next.facts(noon)).toMatchObject([{ spent: 3, reserved: 6, waiting: 1 }]);
  });

  test('an instance counts to the budgets of the accounts that its request names and to that of the fleet', () => {
    const ledger = ledgerWith(10);
    ledger.request(request('a', 1), noon);
    ledger.settle({ id: 'a', dollars: 1 }, noon);
    expect(ledger.state.spent).toEqual({ fleet: { '2026-11-28': 1 } });
    ledger.request(request('b', 2, { accounts: ['agent'] }), noon);
    ledger.settle({ id: 'b', dollars: 2 }, noon);
    expect(ledger.state.spent).toEqual({ fleet: { '2026-11-28': 3 }, agent: { '2026-11-28': 2 } });
  });

  test('spending is kept for a month and the one before it', () => {
    const ledger = ledgerWith(10);
    const spendOn = (at: number) => {
      ledger.request(request(`at-${at}`, 1), at);
      ledger.settle({ id: `at-${at}`, dollars: 1 }, at);
    };
    const days = () => Object.keys(ledger.state.spent.fleet ?? {});
    spendOn(midnight);
    spendOn(midnight + 62 * 24 * hour);
    expect(days()).toEqual(['2026-11-29', '2027-01-30']);
    spendOn(midnight + 62 * 24 * hour + 1);
    expect(days()).toEqual(['2027-01-30']);
  });

  test('whatever happens in whichever order, no day costs more than its budget', () => {
    const step = fc.record({
      minutes: fc.integer({ min: 0, max: 600 }),
      dollars: fc.integer({ min: 1, max: 12 }),
      price: fc.integer({ min: 1, max: 8 }),
      end: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
      wait: fc.boolean(),
      restart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const limit = 20;
        let ledger = ledgerWith(limit);
        let now = noon;
        const bills = new Map<string, { since: number; dollars: number; price: number; end?: number }>();
        const asked = new Map<string, BudgetRequest>();
        const note = (decisions: readonly (BudgetDecision | undefined)[]) => {
          for (const decision of decisions.flatMap((one) => one ?? [])) {
            const wanted = asked.get(decision.id);
            if (!decision.granted || wanted === undefined || bills.has(decision.id)) continue;
            bills.set(decision.id, { since: now, dollars: wanted.dollars, price: wanted.pricePerHour });
          }
        };
        const billed = (bill: { since: number; dollars: number; price: number; end?: number }, until: number) =>
          Math.min(bill.dollars, ((Math.min(until, bill.end ?? until) - bill.since) / hour) * bill.price);
        steps.forEach(({ minutes, dollars, price, end, wait, restart }, index) => {
          now += minutes * 60_000;
          if (restart) ledger = new BudgetLedger(JSON.parse(JSON.stringify(ledger.state)));
          note(ledger.serveWaiting(now));
          const ending = [...bills].filter(([, bill]) => bill.end === undefined)[end ?? -1];
          if (ending !== undefined) {
            const [id, bill] = ending;
            bill.end = now;
            note(ledger.settle({ id, dollars: billed(bill, now) }, now));
          }
          const wanted = request(`${index}`, dollars, { pricePerHour: price, wait, deadline: now + 1000 * hour });
          asked.set(wanted.id, wanted);
          note([ledger.request(wanted, now)]);
          // What each day could cost at most, if everything that is open went on to its last cent.
          for (let day = Date.UTC(2026, 10, 28); day <= now + 200 * hour; day += 24 * hour) {
            const cost = [...bills.values()]
              .map(
                (bill) => billed(bill, Math.max(bill.since, day + 24 * hour)) - billed(bill, Math.max(bill.since, day)),
              )
              .reduce((sum, one) => sum + one, 0);
            expect(cost).toBeLessThanOrEqual(limit + 1e-6);
          }
        });
      }),
      { numRuns: 300 },
    );
  });
});
