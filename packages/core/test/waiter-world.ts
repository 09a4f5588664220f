import { type SetupServer, setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Clock } from '../src/clock.ts';

/** Starts a mock server for the tests of a file, with a clock whose short timers fire at once and move the time on. */
export function waiterWorld(): { readonly server: SetupServer; readonly clock: Clock } {
  const server = setupServer();
  let time = 0;
  const clock: Clock = {
    now: () => time,
    random: () => 0,
    after(milliseconds, callback) {
      // Deadlines never fire, so that a wait ends only by its goal. A wait that would never end throws.
      if (milliseconds >= 60_000) return () => {};
      time += milliseconds;
      if (time > 10_000_000) throw new Error('this wait never ends');
      queueMicrotask(callback);
      return () => {};
    },
  };
  beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
  afterEach(() => {
    server.resetHandlers();
    time = 0;
  });
  afterAll(() => server.close());
  return { server, clock };
}

/** Returns a function that returns the values one after the other, and the last one from then on. */
export function sequence<T>(...values: [T, ...T[]]): () => T {
  let [current, ...rest] = values;
  return () => {
    const value = current;
    const [next, ...others] = rest;
    if (next !== undefined) current = next;
    rest = others;
    return value;
  };
}
