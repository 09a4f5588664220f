/** A source of time and randomness, so that tests do not depend on either. */
export interface Clock {
  /** Returns the milliseconds since 1970. */
  now(): number;
  /** Returns a number from 0 up to, but not including, 1. */
  random(): number;
  /** Calls back once after a number of milliseconds. Returns a function that cancels the timer. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** About 25 days. A longer timer would overflow and fire at once, so it is split. */
const longestTimerMs = 2 ** 31 - 1;

/** The system's time and randomness. Timers may be longer than 25 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(milliseconds, callback) {
    if (milliseconds <= longestTimerMs) {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    }
    let cancel = systemClock.after(longestTimerMs, () => {
      cancel = systemClock.after(milliseconds - longestTimerMs, callback);
    });
    return () => cancel();
  },
};
