import { describe, expect, test } from 'vitest';
import { jumpingClock } from './__fixtures__/jumping-clock.ts';
import { ApiError, type ApiErrorCode } from './api-error.ts';
import { WaitError, type Waiter, type WaitProgress, waitFor } from './wait.ts';

interface Machine {
  state: string;
  why?: string;
  password?: string;
}
type Outcome = Machine | Error | 'silence';

const goal = { success: ['running'], failure: ['error'] };
const in_ = (state: string): Machine => ({ state });
const failing = (code: ApiErrorCode, retryAfterMs?: number) =>
  new ApiError(`it said ${code}`, { code, vendor: 'acme', operation: 'getMachine', status: 500, retryAfterMs });

/** A waiter for a vendor that answers so, the last answer from then on. */
function waiter(outcomes: readonly Outcome[], changes: Partial<Waiter<Machine>> = {}) {
  let polls = 0;
  const asked: (AbortSignal | undefined)[] = [];
  const self: Waiter<Machine> = {
    what: 'acme machine m-1',
    goal,
    intervalMs: [1_000, 4_000],
    deadlineMs: 60_000,
    advice: 'It goes on billing.',
    async poll({ signal }) {
      asked.push(signal);
      const outcome = outcomes[Math.min(polls++, outcomes.length - 1)] ?? 'silence';
      if (outcome instanceof Error) throw outcome;
      if (outcome === 'silence') return new Promise(() => {});
      return outcome;
    },
    stateOf: ({ state }) => state,
    reasonOf: ({ why }) => why,
    ...changes,
  };
  return Object.assign(self, { asked });
}

async function failureOf(wait: Promise<unknown>): Promise<WaitError> {
  const outcome = await wait.catch((error: unknown) => error);
  if (WaitError.isInstance(outcome)) return outcome;
  throw new Error(`expected a WaitError, got ${String(outcome)}`);
}

describe('a wait', () => {
  test('a wait ends in a success state, past unknown states', async () => {
    const clock = jumpingClock();
    const states = ['ordered', 'a-state-of-tomorrow', 'running'];
    await expect(waitFor(waiter(states.map(in_)), { clock })).resolves.toEqual({ state: 'running' });
    expect(clock.running).toBe(0);
  });

  test("a wait fails in a failure state, with the vendor's reason", async () => {
    const machine = { state: 'error', why: 'no disk left.', password: 'hunter22' };
    const error = await failureOf(waitFor(waiter([in_('ordered'), machine]), { clock: jumpingClock() }));
    expect(error).toMatchObject({ code: 'failed', state: 'error', polls: 2, what: 'acme machine m-1' });
    expect(error.message).toBe(
      'acme machine m-1 reached state error: no disk left (polled 2 times). It goes on billing.',
    );
    expect(JSON.stringify(error)).not.toContain('hunter22');
  });

  test('intervals of a wait grow by half up to the longest, with jitter', async () => {
    const machines = [...Array(6).fill(in_('ordered')), in_('running')];
    const [soon, late] = [jumpingClock(0), jumpingClock(0.999999)];
    await waitFor(waiter(machines), { clock: soon });
    await waitFor(waiter(machines), { clock: late });
    expect(soon.waited).toEqual([500, 750, 1_125, 1_687.5, 2_000, 2_000]);
    expect(late.waited.map(Math.round)).toEqual([1_000, 1_500, 2_250, 3_375, 4_000, 4_000]);
  });

  test('a wait polls again within a minute, whatever pause the vendor asks for', async () => {
    const clock = jumpingClock();
    const outcomes = [failing('rate-limited', 86_400_000), in_('running')];
    await waitFor(waiter(outcomes), { clock, deadlineMs: 1_800_000 });
    expect(clock.waited).toEqual([60_000]);
  });

  test('options of a wait override its intervals and deadline', async () => {
    const clock = jumpingClock(1);
    const options = { clock, intervalMs: [10, 20], deadlineMs: 35 } as const;
    const error = await failureOf(waitFor(waiter([in_('ordered')]), options));
    expect(error).toMatchObject({ code: 'deadline', state: 'ordered', polls: 3, elapsedMs: 35 });
    expect(error.message).toContain(
      'was not done within 0.035 s, in state ordered (polled 3 times). It goes on billing.',
    );
  });

  test('a wait ends at its deadline also during a poll without an answer', async () => {
    const asking = waiter(['silence']);
    const error = await failureOf(waitFor(asking, { clock: jumpingClock() }));
    expect(error).toMatchObject({ code: 'deadline', state: undefined, elapsedMs: 60_000 });
    expect(error.message).toContain('without an answer');
    expect(asking.asked[0]?.aborted).toBe(true);
  });

  test('an abort ends a wait during a pause and during a poll', async () => {
    for (const outcome of [in_('ordered'), 'silence'] as const) {
      const controller = new AbortController();
      const clock = { ...jumpingClock(), after: () => () => {} };
      const wait = waitFor(waiter([outcome]), { clock, signal: controller.signal });
      setImmediate(() => controller.abort(new Error('enough')));
      const error = await failureOf(wait);
      expect(error).toMatchObject({ code: 'aborted', polls: 1 });
      expect(error.cause).toMatchObject({ message: 'enough' });
    }
  });

  test('a wait with an aborted signal does not poll', async () => {
    const asking = waiter([in_('running')]);
    const error = await failureOf(waitFor(asking, { signal: AbortSignal.abort(), clock: jumpingClock() }));
    expect(error).toMatchObject({ code: 'aborted', polls: 0 });
    expect(asking.asked).toEqual([]);
  });

  test('onProgress gets the state, the answer, and the number of polls', async () => {
    const seen: WaitProgress<Machine>[] = [];
    const outcomes = [in_('ordered'), failing('server'), in_('running')];
    await waitFor(waiter(outcomes), { clock: jumpingClock(0), onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([
      { state: 'ordered', answer: in_('ordered'), error: undefined, polls: 1, elapsedMs: 0 },
      { state: 'ordered', answer: in_('ordered'), error: outcomes[1], polls: 2, elapsedMs: 500 },
    ]);
  });
});

describe('a question that fails', () => {
  test.each(['connection', 'timeout', 'rate-limited', 'server', 'unreadable'] as const)(
    'a poll that fails with %s is repeated',
    async (code) => {
      const outcomes = [failing(code), in_('running')];
      await expect(waitFor(waiter(outcomes), { clock: jumpingClock() })).resolves.toEqual({ state: 'running' });
    },
  );

  test.each(['authentication', 'permission', 'invalid'] as const)(
    'a poll that fails with %s ends the wait',
    async (code) => {
      const error = failing(code);
      await expect(waitFor(waiter([error]), { clock: jumpingClock() })).rejects.toBe(error);
    },
  );

  test('a failed poll is repeated only after Retry-After', async () => {
    const clock = jumpingClock(0);
    await waitFor(waiter([failing('rate-limited', 9_000), in_('ordered'), in_('running')]), { clock });
    expect(clock.waited).toEqual([9_000, 750]);
  });

  test('the latest failed poll is the cause of the deadline error', async () => {
    const error = failing('server');
    expect((await failureOf(waitFor(waiter([error]), { clock: jumpingClock() }))).cause).toBe(error);
  });

  test('a poll that fails with another error than ApiError ends the wait', async () => {
    const error = new TypeError('a bug');
    await expect(waitFor(waiter([error]), { clock: jumpingClock() })).rejects.toBe(error);
  });
});

describe('what cannot be found', () => {
  const missing = failing('not-found');

  test('a missing resource is success when the goal is gone', async () => {
    const gone = { success: ['terminated'], failure: [], missing: 'success' } as const;
    const wait = waitFor(waiter([in_('stopping'), missing], { goal: gone }), { clock: jumpingClock() });
    await expect(wait).resolves.toBeUndefined();
  });

  test('a missing resource may appear for a minute', async () => {
    const clock = jumpingClock();
    await expect(waitFor(waiter([missing, in_('running')]), { clock })).resolves.toEqual({ state: 'running' });
    await expect(waitFor(waiter([missing], { deadlineMs: 600_000 }), { clock })).rejects.toBe(missing);
  });

  test('a resource that disappears is an error at once', async () => {
    const clock = jumpingClock();
    await expect(waitFor(waiter([in_('ordered'), missing]), { clock })).rejects.toBe(missing);
    expect(clock.waited).toHaveLength(1);
  });

  test("isMissing recognizes a missing resource by the vendor's words", async () => {
    const gone = { success: [], failure: [], missing: 'success' } as const;
    const isMissing = (error: ApiError) => /no such machine/.test(error.message);
    const error = new ApiError('no such machine', { code: 'vendor-failure', vendor: 'acme', status: 200 });
    await expect(waitFor(waiter([error], { goal: gone, isMissing }))).resolves.toBeUndefined();
  });
});
