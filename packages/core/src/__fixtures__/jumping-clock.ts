import type { Clock } from '../clock.ts';

export interface JumpingClock extends Clock {
  /** Milliseconds of each timer that was let run out, in order. */
  readonly waited: readonly number[];
  /** Timers that are still running. */
  readonly running: number;
}

/** A clock that never makes anyone wait: when nothing else happens, time jumps to the next timer. */
export function jumpingClock(random = 0.5): JumpingClock {
  let now = Date.parse('2026-11-21T12:00:00Z');
  const timers = new Set<{ readonly at: number; readonly milliseconds: number; readonly callback: () => void }>();
  const waited: number[] = [];

  function jump() {
    const [next] = [...timers].sort((one, other) => one.at - other.at);
    if (!next) return;
    timers.delete(next);
    now = next.at;
    waited.push(next.milliseconds);
    next.callback();
  }

  return {
    waited,
    get running() {
      return timers.size;
    },
    now: () => now,
    random: () => random,
    after(milliseconds, callback) {
      const timer = { at: now + milliseconds, milliseconds, callback };
      timers.add(timer);
      whenIdle(() => timers.has(timer) && jump());
      return () => timers.delete(timer);
    },
  };
}

/** Turns of the event loop after which everything that answers at once has answered, and its timers are gone. */
const turns = 25;

function whenIdle(callback: () => void, left = turns): void {
  setImmediate(() => (left === 0 ? callback() : whenIdle(callback, left - 1)));
}
