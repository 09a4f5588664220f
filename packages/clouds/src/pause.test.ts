import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { FakeClock } from '../test/fake-clock.ts';
import { pause } from './pause.ts';

it('lasts its time, and leaves nothing on the signal', async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  let over = false;
  void pause(clock, 1_000, signal).then(() => {
    over = true;
  });
  await clock.pass(999);
  expect(over).toBe(false);
  await clock.pass(1);
  expect(over).toBe(true);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('ends when the signal aborts, and leaves nothing on the clock', async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const paused = pause(clock, 1_000, controller.signal);
  controller.abort();
  await paused;
  expect(clock.pending).toBe(0);
  await pause(clock, 1_000, controller.signal);
});
