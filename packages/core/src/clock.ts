/** Time and chance, so that tests need neither wait nor roll dice. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 up to, not including, 1. */
  random(): number;
  /** Calls back once after so many milliseconds, unless the returned function is called before. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** About 25 days. A longer timer would overflow and run out at once: it is set again until its time has passed. */
const longestTimer = 2 ** 31 - 1;

/** The system's time and chance. Also timers of months run out when they should. */
export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(milliseconds, callback) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (left: number) => {
      timer =
        left > longestTimer ? setTimeout(() => wait(left - longestTimer), longestTimer) : setTimeout(callback, left);
    };
    wait(milliseconds);
    return () => clearTimeout(timer);
  },
};
