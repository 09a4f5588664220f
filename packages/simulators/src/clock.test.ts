import { expect, it } from 'vitest';
import { createManualClock } from './clock.ts';

it('a manual clock runs due callbacks in order, and only when it is advanced', async () => {
  const clock = createManualClock('2026-01-01T00:00:00Z');
  const done: string[] = [];
  clock.after(2000, () => {
    done.push('second');
    clock.after(1000, () => void done.push('third'));
  });
  clock.after(1000, () => void done.push('first'));
  const cancel = clock.after(1500, () => void done.push('never'));
  cancel();
  await clock.advance(1);
  expect(done).toEqual(['first']);
  await clock.advance(2);
  expect(done).toEqual(['first', 'second', 'third']);
  expect(new Date(clock.now()).toISOString()).toBe('2026-01-01T00:00:03.000Z');
});
