import { expect, it } from 'vitest';
import { readFaultRules } from './fault-rules.ts';
import { FaultPlan } from './faults.ts';
import { createRandom } from './random.ts';

const plan = (seed = 1) => new FaultPlan(createRandom(seed));

it('a fault rule applies once by default', () => {
  const faults = plan();
  faults.add({ kind: 'http-500' });
  expect(faults.take('verda', 'listInstances', 'http-500')).toBeDefined();
  expect(faults.take('verda', 'listInstances', 'http-500')).toBeUndefined();
});

it('a fault rule applies only to its vendor, its operation, and its calls', () => {
  const faults = plan();
  faults.add({ kind: 'http-500', vendor: 'verda', operation: 'createInstance', after: 1, count: 2 });
  expect(faults.take('gpu-ai', 'createInstance', 'http-500')).toBeUndefined();
  expect(faults.take('verda', 'listInstances', 'http-500')).toBeUndefined();
  expect(faults.take('verda', 'createInstance', 'refuse')).toBeUndefined();
  const applied = Array.from({ length: 4 }, () => faults.take('verda', 'createInstance', 'http-500') !== undefined);
  expect(applied).toEqual([false, true, true, false]);
});

it('a fault rule with a probability applies to the same calls for the same seed', () => {
  const appliedWith = (seed: number) => {
    const faults = plan(seed);
    faults.add({ kind: 'lost-response', probability: 0.5 });
    return Array.from({ length: 40 }, () => faults.take('verda', 'x', 'lost-response') !== undefined);
  };
  expect(appliedWith(3)).toEqual(appliedWith(3));
  expect(appliedWith(3)).not.toEqual(appliedWith(4));
  expect(new Set(appliedWith(3)).size).toBe(2);
});

it('clearing the fault plan removes its rules', () => {
  const faults = plan();
  faults.add({ kind: 'refuse', count: 100 });
  faults.clear();
  expect(faults.take('verda', 'x', 'refuse')).toBeUndefined();
});

it.each([
  [{ kind: 'explode' }, 'fault rule 1 needs a "kind" that is one of http-500'],
  [
    { kind: 'refuse', vendor: 'aws' },
    'unknown "vendor" "aws". Known vendors: gpu-ai, massed-compute, tensordock, verda',
  ],
  [{ kind: 'refuse', operation: 'fly' }, 'unknown "operation" "fly". Use an operationId of any vendor'],
  [{ kind: 'refuse', probability: 2 }, 'needs a "probability" from 0 to 1, not 2'],
  [{ kind: 'refuse', count: -1 }, 'needs a "count" that is at least 0, not -1'],
  [{ kind: 'refuse', instance: 'a' }, 'can set "instance" (an id or instance name) only for preempt, ssh-refuses'],
  [{ kind: 'refuse', often: 1 }, 'unknown property "often"'],
  ['refuse', 'must be an object'],
])('the fault rule %j is rejected with the reason', (rule, message) => {
  expect(() => readFaultRules(rule, () => ['createInstance'])).toThrow(message);
});

it('fault rules are read from one rule or a list', () => {
  const rule = { kind: 'preempt', vendor: 'verda', operation: 'createInstance', seconds: 3 };
  expect(readFaultRules(rule, () => ['createInstance'])).toEqual([rule]);
  expect(readFaultRules([rule, { kind: 'refuse' }], () => ['createInstance'])).toHaveLength(2);
});
