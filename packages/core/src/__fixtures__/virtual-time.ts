import type { Clock } from '../clock.ts';

export interface VirtualTime extends Clock {
  /** Runs until nothing waits for time any more. @throws when that takes longer than `limit` milliseconds */
  run(limit: number): Promise<void>;
}

/** Time that passes only in {@link VirtualTime.run}, timer by timer, when everything that is ready has been done. */
export function virtualTime(seed = 1): VirtualTime {
  let now = 1_800_000_000_000;
  let state = seed;
  const timers = new Map<number, Set<() => void>>();
  return {
    now: () => now,
    random() {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state / 0x80000000;
    },
    after(milliseconds, callback) {
      const at = now + Math.max(0, milliseconds);
      const due = timers.get(at) ?? new Set();
      timers.set(at, due.add(callback));
      return () => {
        due.delete(callback);
        if (due.size === 0) timers.delete(at);
      };
    },
    async run(limit) {
      const end = now + limit;
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        if (timers.size === 0) return;
        const at = Math.min(...timers.keys());
        if (at > end) throw new Error(`something waits until ${at - now} ms from now`);
        const due = timers.get(at) ?? new Set();
        timers.delete(at);
        now = at;
        for (const callback of due) callback();
      }
    },
  };
}
