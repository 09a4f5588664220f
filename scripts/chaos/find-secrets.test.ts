import { expect, it } from 'vitest';
import { FaultListError, readFaultList } from './fault-classes.ts';
import { secretsIn } from './find-secrets.ts';

const secrets = new Map([['TOKEN', 'planted-token-0123456789abcdef']]);

it.each(['', ' ', '  '])('a secret is found as it is and in base64, wherever it stands (%j before it)', (before) => {
  const text = `${before}planted-token-0123456789abcdef and more`;
  expect(secretsIn(Buffer.from(text), secrets)).toEqual(['TOKEN']);
  expect(secretsIn(Buffer.from(Buffer.from(text).toString('base64')), secrets)).toEqual(['TOKEN']);
});

it('what was masked is not found', () => {
  expect(secretsIn(Buffer.from('token ******************************'), secrets)).toEqual([]);
});

it('a list of faults names those that are on, or with minus those that are off', () => {
  expect([...readFaultList('preempt,cancel')]).toEqual(['preempt', 'cancel']);
  expect(readFaultList('all').has('reset')).toBe(true);
  expect(readFaultList('none').size).toBe(0);
  expect(readFaultList('-preempt').has('preempt')).toBe(false);
  expect(readFaultList('-preempt').has('cancel')).toBe(true);
});

it('an unknown fault is refused with those that are known', () => {
  expect(() => readFaultList('preemt')).toThrow(FaultListError);
  expect(() => readFaultList('preemt')).toThrow(/"preemt" is no fault; known are all, none, .*preempt/);
});
