import { expect, it } from 'vitest';
import { readFaultRules } from './fault-rules.ts';
import { FaultPlan } from './faults.ts';
import { createRandom } from './random.ts';

const plan = (seed = 1) => new FaultPlan(createRandom(seed));

it('strikes once by default', () => {
  const faults = plan();
  faults.add({ kind: 'http-500' });
  expect(faults.take('verda', 'listInstances', 'http-500')).toBeDefined();
  expect(faults.take('verda', 'listInstances', 'http-500')).toBeUndefined();
});

it('strikes the vendor, the operation and the calls it is meant for, and no others', () => {
  const faults = plan();
  faults.add({ kind: 'http-500', vendor: 'verda', operation: 'createInstance', after: 1, count: 2 });
  expect(faults.take('gpu-ai', 'createInstance', 'http-500')).toBeUndefined();
  expect(faults.take('verda', 'listInstances', 'http-500')).toBeUndefined();
  expect(faults.take('verda', 'createInstance', 'refuse')).toBeUndefined();
  const applied = Array.from({ length: 4 }, () => faults.take('verda', 'createInstance', 'http-500') !== undefined);
  expect(applied).toEqual([false, true, true, false]);
});

it('strikes the same calls for the same seed', () => {
  const appliedWith = (seed: number) => {
    const faults = plan(seed);
    faults.add({ kind: 'lost-response', probability: 0.5 });
    return Array.from({ length: 40 }, () => faults.take('verda', 'x', 'lost-response') !== undefined);
  };
  expect(appliedWith(3)).toEqual(appliedWith(3));
  expect(appliedWith(3)).not.toEqual(appliedWith(4));
  expect(new Set(appliedWith(3)).size).toBe(2);
});

it('forgets its rules when it is cleared', () => {
  const faults = plan();
  faults.add({ kind: 'refuse', count: 100 });
  faults.clear();
  expect(faults.take('verda', 'x', 'refuse')).toBeUndefined();
});

it.each([
  [{ kind: 'explode' }, 'fault rule 1 needs a "kind", one of http-500'],
  [{ kind: 'refuse', vendor: 'aws' }, 'unknown "vendor" "aws"; known are gpu-ai, massed-compute, tensordock, verda'],
  [{ kind: 'refuse', operation: 'fly' }, '"operation" "fly" that is no operationId of any vendor'],
  [{ kind: 'refuse', probability: 2 }, 'a number from 0 to 1 as its "probability"'],
  [{ kind: 'refuse', count: -1 }, 'a number of 0 or more as its "count"'],
  [{ kind: 'refuse', instance: 'a' }, 'can name an "instance" by its id or label only for preempt, ssh-refuses'],
  [{ kind: 'refuse', often: 1 }, 'unknown property "often"'],
  ['refuse', 'must be an object'],
])('says what is wrong with the rule %j', (rule, message) => {
  expect(() => readFaultRules(rule, () => ['createInstance'])).toThrow(message);
});

it('reads one rule or a list of them', () => {
  const rule = { kind: 'preempt', vendor: 'verda', operation: 'createInstance', seconds: 3, instance: 'a' };
  expect(readFaultRules(rule, () => ['createInstance'])).toEqual([rule]);
  expect(readFaultRules([rule, { kind: 'refuse' }], () => ['createInstance'])).toHaveLength(2);
});
