import { expect, it } from 'vitest';
import type { InstanceUse } from '../ssh/instance-use.ts';
import { idleSeconds, idleTimeAfter } from './idle-time.ts';

const unused: InstanceUse = { logins: 0, gpus: [0, 2], loadPerCore: 0.19 };
const before = { since: 1_000_000, last: 1_060_000 };
const soon = before.last + 30_000;

it('an instance without logins, with GPUs at 2 % and a load below 0.2, is idle from the first poll on', () => {
  expect(idleTimeAfter(undefined, unused, 5000)).toEqual({ since: 5000, last: 5000 });
  const after = idleTimeAfter(before, unused, soon);
  expect([after, after && idleSeconds(after)]).toEqual([{ since: before.since, last: soon }, 90]);
});

it.each<[string, Partial<InstanceUse> | undefined]>([
  ['has somebody logged in', { logins: 1 }],
  ['has one GPU above 2 %', { gpus: [0, 3] }],
  ['does not say what one GPU does', { gpus: [0, undefined] }],
  ['has a load of 0.2 per processor', { loadPerCore: 0.2 }],
  ['cannot be asked', undefined],
])('an instance that %s is not idle, and its idle time restarts', (_what, use) => {
  const after = idleTimeAfter(before, use && { ...unused, ...use }, soon);
  expect(after).toBeUndefined();
  expect(idleTimeAfter(after, unused, soon + 30_000)).toEqual({ since: soon + 30_000, last: soon + 30_000 });
});

it.each([
  ['later than a minute and a half after the one before', before.last + 90_001],
  ['before the one before, because the clock was set back', before.last - 1],
])('a poll %s restarts the idle time, because nobody knows what happened meanwhile', (_when, now) => {
  expect(idleTimeAfter(before, unused, now)).toEqual({ since: now, last: now });
});
