/** Where every simulator gets its time from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after so many milliseconds, unless the returned function is called before. */
  after(milliseconds: number, callback: () => void | Promise<void>): () => void;
}

/** The system's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(() => void callback(), milliseconds);
    // A machine that is still booting is no reason to keep a process alive.
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Goes on by so many seconds and does what falls due on the way, in order; resolves when all of it is done. */
  advance(seconds: number): Promise<void>;
}

interface Due {
  readonly at: number;
  readonly callback: () => void | Promise<void>;
}

/**
 * A clock that stands still until it is advanced.
 * @param start ISO 8601; `2026-01-01T00:00:00Z` when left out.
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
