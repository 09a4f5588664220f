import { expect, test } from 'vitest';
import { jumpingClock } from './__fixtures__/jumping-clock.ts';
import { AbortReason, sleep, withTimeout } from './with-timeout.ts';

const clock = jumpingClock();

test('withTimeout rejects with timeout even when the function rejects with its own error', async () => {
  const sulking = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('my own words'))));
  const cut = withTimeout({ clock, limitMs: 5, code: 'timeout' }, sulking);
  await expect(cut).rejects.toMatchObject({ code: 'timeout' });
});

test('nested withTimeout reports the limit that was reached', async () => {
  const never = () => new Promise<never>(() => {});
  const both = withTimeout({ clock, limitMs: 5, code: 'deadline' }, (signal) =>
    withTimeout({ clock, signal, limitMs: 9, code: 'timeout' }, never),
  );
  await expect(both).rejects.toMatchObject({ code: 'deadline' });
});

test('withTimeout keeps the reason of an abort', async () => {
  const signal = AbortSignal.abort('enough');
  await expect(withTimeout({ clock, signal, code: 'timeout' }, async () => 1)).rejects.toMatchObject({
    code: 'aborted',
    cause: 'enough',
  });
  await expect(sleep(clock, 5, signal)).rejects.toBeInstanceOf(AbortReason);
});

test("withTimeout passes on the function's own error", async () => {
  const failing = withTimeout({ clock, limitMs: 5, code: 'timeout' }, () => Promise.reject(new Error('broken')));
  await expect(failing).rejects.toThrow('broken');
});

test('withTimeout and sleep remove their listeners from a signal', async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const counted = new Proxy(signal, {
    get(target, name) {
      if (name === 'addEventListener') listeners += 1;
      if (name === 'removeEventListener') listeners -= 1;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await withTimeout({ clock, signal: counted, code: 'timeout' }, async () => 1);
  await sleep(clock, 1, counted);
  expect(listeners).toBe(0);
});
