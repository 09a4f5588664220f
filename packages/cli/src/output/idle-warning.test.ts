import { expect, it, vi } from 'vitest';
import { idleWarning } from './idle-warning.ts';

const now = Date.parse('2026-11-28T10:25:00Z');
const lease = {
  id: 'gpuc-dev-x-0',
  name: 'mine',
  fleet: 'dev',
  state: 'ready',
  startedAt: new Date(now),
  idle: { since: '2026-11-28T10:00:00Z', releasedAt: '2026-11-28T10:30:00Z' },
} as const;

it('a lease that nobody uses is shown with the time that is left, and how to keep it', () => {
  vi.useFakeTimers({ now });
  expect(idleWarning(lease)).toEqual([
    'Nobody has used mine for 25m 00s: it is released in 5m 00s. Keep it: gpu-clouds extend mine 1h',
  ]);
  vi.useRealTimers();
});

it('a lease that is used or has ended is shown without a warning', () => {
  expect([idleWarning({ ...lease, idle: undefined }), idleWarning({ ...lease, endedAt: new Date(now) })]).toEqual([
    [],
    [],
  ]);
});
