import type { FailureKind } from '@gpu-clouds/jobs/contract';
import { offerOf } from '@gpu-clouds/jobs/test';
import { expect, it } from 'vitest';
import { OfferMemory } from './offer-memory.ts';

const [a, b, c] = [offerOf('verda', 'a'), offerOf('verda', 'b'), offerOf('tensordock', 'c')] as const;

it('OfferMemory puts offers that failed last, the latest failure at the very end', () => {
  const memory = new OfferMemory();
  memory.note({ vendor: 'verda', offer: a, kind: 'no-capacity' });
  memory.note({ vendor: 'verda', offer: b, kind: 'never-ready' });
  expect(memory.inOrder([a, b, c])).toEqual([c, a, b]);
  memory.note({ vendor: 'verda', offer: a, kind: 'preempted' });
  expect(memory.inOrder([a, b, c])).toEqual([c, b, a]);
});

it('OfferMemory distinguishes a spot offer from the same offer on demand', () => {
  const memory = new OfferMemory();
  memory.note({ vendor: 'verda', offer: { ...a, spot: true }, kind: 'preempted' });
  expect(memory.inOrder([{ ...a, spot: true }, a])).toEqual([a, { ...a, spot: true }]);
  expect(memory.preemptions).toBe(1);
});

it.each<[FailureKind, boolean]>([
  ['unauthorized', false],
  ['quota', false],
  ['unavailable', true],
  ['no-capacity', true],
])('after %s, another offer of the same cloud may be tried: %s', (kind, again) => {
  const memory = new OfferMemory();
  memory.note({ vendor: 'verda', kind });
  expect([memory.mayTry(a), memory.mayTry(c)]).toEqual([again, true]);
});

it('an offer that fails for a repeatable reason is tried three times in a row', () => {
  const memory = new OfferMemory();
  const failed = (kind: FailureKind) => {
    memory.note({ vendor: 'verda', offer: a, kind });
    return [memory.mayRepeat(a), memory.mayRepeat(b)];
  };
  expect(failed('no-capacity')).toEqual([false, false]);
  expect(failed('submission-unknown')).toEqual([true, false]);
  expect(failed('job-lost')).toEqual([true, false]);
  expect(failed('submission-unknown')).toEqual([false, false]);
});

it('after a wait, clouds that were left out may be tried again, and failed offers still come last', () => {
  const memory = new OfferMemory();
  memory.note({ vendor: 'verda', offer: a, kind: 'quota' });
  expect(memory.mayTry(a)).toBe(false);
  memory.forgive();
  expect(memory.mayTry(a)).toBe(true);
  expect(memory.inOrder([a, b])).toEqual([b, a]);
});

it('a preemption makes a run list offers again, and so does a restart for another reason', () => {
  const memory = new OfferMemory();
  memory.note({ vendor: 'verda', offer: a, kind: 'no-capacity' });
  expect([memory.preemptions, memory.restarts]).toEqual([0, 0]);
  memory.note({ vendor: 'verda', offer: a, kind: 'preempted' });
  expect([memory.preemptions, memory.restarts]).toEqual([1, 1]);
  memory.restart();
  expect([memory.preemptions, memory.restarts]).toEqual([1, 2]);
});

it('an offer that fails for another reason in between may be repeated as often again', () => {
  const memory = new OfferMemory();
  const failed = (kind: FailureKind) => {
    memory.note({ vendor: 'verda', offer: a, kind });
    return memory.mayRepeat(a);
  };
  expect([failed('job-lost'), failed('job-lost'), failed('no-capacity'), failed('job-lost')]).toEqual([
    true,
    true,
    false,
    true,
  ]);
});

it('OfferMemory distinguishes offers of the same ID by their region', () => {
  const memory = new OfferMemory();
  const there = { ...a, region: 'elsewhere' };
  memory.note({ vendor: 'verda', offer: a, kind: 'no-capacity' });
  expect(memory.inOrder([a, there])).toEqual([there, a]);
});
