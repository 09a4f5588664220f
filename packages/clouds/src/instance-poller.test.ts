import { describe, expect, it } from 'vitest';
import { FakeClock } from '../test/fake-clock.ts';
import { fakeCloud, instanceNamed } from '../test/fake-cloud.ts';
import type { Instance } from './cloud.ts';
import { CloudError, type CloudErrorKind } from './cloud-error.ts';
import { InstancePoller } from './instance-poller.ts';

/** A clock that a test can set back, as time synchronization does. Its timers are not affected. */
class AdjustableClock extends FakeClock {
  #behindMs = 0;

  override now(): number {
    return super.now() - this.#behindMs;
  }

  setBack(milliseconds: number): void {
    this.#behindMs += milliseconds;
  }
}

/** A cloud whose list calls a test answers one by one. */
function setUp() {
  const clock = new AdjustableClock();
  const calls: { at: number; answer(instances: readonly Instance[]): void; fail(error: Error): void }[] = [];
  const cloud = fakeCloud({
    listInstances: () => new Promise((answer, fail) => calls.push({ at: clock.now(), answer, fail })),
  });
  const answer = async (instances: readonly Instance[]) => {
    await clock.pass(0);
    calls.at(-1)?.answer(instances);
    await clock.pass(0);
  };
  const fail = async (kind: CloudErrorKind, retryAfterMs?: number) => {
    await clock.pass(0);
    const details = { kind, vendor: 'verda', operation: 'listInstances', mayHaveTakenEffect: false } as const;
    calls.at(-1)?.fail(new CloudError(kind, retryAfterMs === undefined ? details : { ...details, retryAfterMs }));
    await clock.pass(0);
  };
  return { clock, calls, answer, fail, poller: new InstancePoller(cloud, { intervalMs: 5_000, clock }) };
}

const named = (name: string) => (instances: readonly Instance[]) => instances.find((one) => one.name === name);

describe('InstancePoller', () => {
  it('serves every waiter with one list call', async () => {
    const { clock, calls, answer, poller } = setUp();
    const waiting = Array.from({ length: 100 }, (_, index) => poller.wait(named(`m${index}`)));
    await answer(Array.from({ length: 100 }, (_, index) => instanceNamed(`m${index}`)));
    expect((await Promise.all(waiting)).map((one) => one?.name)).toEqual(waiting.map((_, index) => `m${index}`));
    await clock.pass(60_000);
    expect(calls).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('asks again an interval later while somebody waits', async () => {
    const { clock, calls, answer, poller } = setUp();
    const waiting = poller.wait(named('late'));
    await answer([]);
    await clock.pass(4_999);
    expect(calls).toHaveLength(1);
    await clock.pass(1);
    expect(calls).toHaveLength(2);
    await answer([instanceNamed('late')]);
    expect(await waiting).toMatchObject({ name: 'late' });
  });

  it('keeps its interval between one waiter and the next', async () => {
    const { clock, calls, answer, poller } = setUp();
    const first = poller.wait(() => true);
    await answer([]);
    await first;
    const second = poller.wait(() => true);
    await clock.pass(4_999);
    expect(calls).toHaveLength(1);
    await clock.pass(1);
    await answer([]);
    expect(await second).toBe(true);
  });

  it('a clock that is set back an hour between two waiters does not lengthen the pause between two list calls', async () => {
    const { clock, calls, answer, poller } = setUp();
    const first = poller.wait(() => true);
    await answer([]);
    await first;
    clock.setBack(3_600_000);
    const second = poller.wait(() => true);
    await clock.pass(5_000);
    expect(calls).toHaveLength(2);
    await answer([]);
    expect(await second).toBe(true);
  });

  it('never answers from a list that was asked for before the question', async () => {
    const { clock, calls, answer, poller } = setUp();
    const early = poller.wait(named('x'));
    await clock.pass(0);
    let told = 0;
    const gone = poller.wait((instances) => {
      told += 1;
      return instances.length === 0 || undefined;
    });
    await answer([]);
    expect(told).toBe(0);
    await clock.pass(5_000);
    expect(calls).toHaveLength(2);
    await answer([instanceNamed('x')]);
    expect(await early).toMatchObject({ name: 'x' });
    await clock.pass(5_000);
    await answer([]);
    expect(await gone).toBe(true);
  });

  it('answers undefined when the time is up, and stops asking', async () => {
    const { clock, calls, answer, poller } = setUp();
    const waiting = poller.wait(named('never'), { timeoutMs: 12_000 });
    await answer([]);
    for (let second = 0; second < 12; second++) {
      await clock.pass(1_000);
      await answer([]);
    }
    expect(await waiting).toBeUndefined();
    const asked = calls.length;
    await clock.pass(60_000);
    expect(calls).toHaveLength(asked);
    expect(clock.pending).toBe(0);
  });

  it('stops for the waiter whose signal aborts, and for no other', async () => {
    const { answer, poller } = setUp();
    const controller = new AbortController();
    const cancelled = poller.wait(named('m'), { signal: controller.signal });
    const other = poller.wait(named('m'));
    controller.abort(new Error('no longer wanted'));
    await expect(cancelled).rejects.toThrow('no longer wanted');
    await answer([instanceNamed('m')]);
    expect(await other).toMatchObject({ name: 'm' });
  });

  it.each(['rate-limited', 'unavailable'] as const)('waits out %s, longer each time', async (kind) => {
    const { clock, calls, answer, fail, poller } = setUp();
    const waiting = poller.wait(named('m'));
    for (const [index, pause] of [10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
      await fail(kind);
      await clock.pass(pause - 1);
      expect(calls).toHaveLength(index + 1);
      await clock.pass(1);
      expect(calls).toHaveLength(index + 2);
    }
    await answer([instanceNamed('m')]);
    expect(await waiting).toMatchObject({ name: 'm' });
  });

  it('waits as long as a vendor asks', async () => {
    const { clock, calls, fail, poller } = setUp();
    const waiting = poller.wait(named('m'), { timeoutMs: 100_000 });
    await fail('rate-limited', 50_000);
    await clock.pass(49_999);
    expect(calls).toHaveLength(1);
    await clock.pass(1);
    expect(calls).toHaveLength(2);
    await clock.pass(60_000);
    expect(await waiting).toBeUndefined();
  });

  it('asks again after maxIntervalMs when a vendor asks for a longer pause', async () => {
    const { clock, calls, answer, fail, poller } = setUp();
    const waiting = poller.wait(named('m'));
    await fail('rate-limited', 86_400_000);
    await clock.pass(60_000);
    expect(calls).toHaveLength(2);
    await answer([instanceNamed('m')]);
    expect(await waiting).toMatchObject({ name: 'm' });
  });

  it('tells every waiter of an error that waiting does not cure', async () => {
    const { fail, poller } = setUp();
    const waiting = [poller.wait(named('a')), poller.wait(named('b'))];
    const outcome = Promise.allSettled(waiting);
    await fail('unauthorized');
    expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('lets an error in one question concern only who asked it', async () => {
    const { answer, poller } = setUp();
    const broken = poller.wait(() => {
      throw new TypeError('broken question');
    });
    const sound = poller.wait(named('m'));
    const outcome = Promise.allSettled([broken, sound]);
    await answer([instanceNamed('m')]);
    expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
