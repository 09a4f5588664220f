import { expect, it } from 'vitest';
import { FaultListError, faultClasses, readFaultList } from './fault-classes.ts';

it('a list of faults names those that are on, or with minus those that are off', () => {
  expect([...readFaultList('preempt,cancel')]).toEqual(['preempt', 'cancel']);
  expect([...readFaultList('all')]).toEqual(faultClasses);
  expect(readFaultList('none').size).toBe(0);
  expect(readFaultList('-preempt').has('preempt')).toBe(false);
  expect(readFaultList('-preempt').has('cancel')).toBe(true);
});

it('an unknown fault is refused with those that are known', () => {
  expect(() => readFaultList('preemt')).toThrow(FaultListError);
  expect(() => readFaultList('preemt')).toThrow(/"preemt" is no fault; known are all, none, .*preempt/);
});
