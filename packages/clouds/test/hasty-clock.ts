import type { Clock } from '@gpu-clouds/core';

/** Does at once what is to be done within the pause between two tries, and never what ends a slow call (30 s and more). */
export const hastyClock: Clock = {
  now: () => 0,
  random: () => 0,
  after(milliseconds, callback) {
    let cancelled = false;
    if (milliseconds < 30_000) setImmediate(() => cancelled || callback());
    return () => {
      cancelled = true;
    };
  },
};
