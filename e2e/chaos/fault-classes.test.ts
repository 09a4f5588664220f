import { expect, it } from 'vitest';
import { FaultListError, readFaultList } from './fault-classes.ts';
import { faultClasses } from './faults/index.ts';

it('readFaultList enables the named faults, or all but those with a leading minus', () => {
  expect([...readFaultList('preempt,cancel')]).toEqual(['preempt', 'cancel']);
  expect([...readFaultList('all')]).toEqual(faultClasses);
  expect(readFaultList('none').size).toBe(0);
  expect(readFaultList('-preempt').has('preempt')).toBe(false);
  expect(readFaultList('-preempt').has('cancel')).toBe(true);
});

it('readFaultList rejects an unknown fault and lists the known ones', () => {
  expect(() => readFaultList('preemt')).toThrow(FaultListError);
  expect(() => readFaultList('preemt')).toThrow(/Unknown fault "preemt"\. Use all, none, or: .*preempt/);
});
