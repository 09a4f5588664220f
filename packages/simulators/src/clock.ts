/** The source of time for all simulators. */
export interface Clock {
  /** Returns the current time in milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Calls `callback` once after `milliseconds`. Returns a function that cancels the call. */
  after(milliseconds: number, callback: () => void | Promise<void>): () => void;
}

/** A clock that runs on the system time. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      // A longer delay than this would end at once.
      const next = Math.min(left, 2 ** 31 - 1);
      timer = setTimeout(() => (left > next ? wait(left - next) : void callback()), next);
      // A booting instance must not keep the process alive.
      timer.unref();
    };
    wait(milliseconds);
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until {@link ManualClock.advance} is called. */
export interface ManualClock extends Clock {
  /** Moves the time forward by `seconds` and runs due callbacks in order. Resolves once they have finished. */
  advance(seconds: number): Promise<void>;
}

interface Due {
  readonly at: number;
  readonly callback: () => void | Promise<void>;
}

/**
 * Creates a clock that stands still until it is advanced.
 * @param start initial time, ISO 8601 (default: `2026-01-01T00:00:00Z`)
 */
export function createManualClock(start = '2026-01-01T00:00:00Z'): ManualClock {
  let now = Date.parse(start);
  const waiting = new Set<Due>();
  const nextBefore = (end: number): Due | undefined => {
    let next: Due | undefined;
    for (const due of waiting) if (due.at <= end && (next === undefined || due.at < next.at)) next = due;
    return next;
  };
  return {
    now: () => now,
    after(milliseconds, callback) {
      const due = { at: now + milliseconds, callback };
      waiting.add(due);
      return () => waiting.delete(due);
    },
    async advance(seconds) {
      const end = now + seconds * 1000;
      for (let due = nextBefore(end); due !== undefined; due = nextBefore(end)) {
        waiting.delete(due);
        now = Math.max(now, due.at);
        await due.callback();
      }
      now = end;
    },
  };
}
