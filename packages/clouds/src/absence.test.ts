import { expect, it } from 'vitest';
import { type Absence, isGone, needsDelete, neverAbsent, noteMissed, notePoll, noteSeen } from './absence.ts';
import type { AccountState } from './account-watch.ts';

const rules = { consistencyWindowMs: 90_000, pollIntervalMs: 3_000 };
const second = 1_000;

/** Polls at these times do not show the id. */
function missed(seconds: readonly number[], account?: AccountState, from: Absence = neverAbsent): Absence {
  return seconds.reduce((absence, at) => noteMissed(absence, at * second, rules, account), from);
}
const acknowledged: Absence = { ...neverAbsent, acknowledged: true };

it('an id that no poll has shown or missed is not gone', () => {
  expect(neverAbsent).toEqual({ acknowledged: false, confirmed: false, polls: 0 });
  expect(isGone(neverAbsent, rules)).toBe(false);
});

it('a missed poll notes when the absence began, and when it was last seen', () => {
  expect(missed([10, 20])).toEqual({ acknowledged: false, confirmed: false, polls: 2, since: 10_000, last: 20_000 });
});

it('two polls that are closer than the poll interval count as one', () => {
  expect(missed([0, 2.999]).polls).toBe(1);
  expect(missed([0, 3]).polls).toBe(2);
  expect(missed([10, 12, 14])).toMatchObject({ polls: 2, since: 10_000, last: 14_000 });
});

it('a poll that shows the id ends its absence, but not the acknowledgement', () => {
  expect(noteSeen(missed([0, 3, 6], 'suspect', acknowledged))).toEqual(acknowledged);
});

it('an acknowledged id is gone after two missed polls', () => {
  expect(isGone(missed([0], 'known', acknowledged), rules)).toBe(false);
  expect(isGone(missed([0, 3], 'known', acknowledged), rules)).toBe(true);
  expect(isGone(missed([0, 3], 'unknown', acknowledged), rules, 'unknown')).toBe(true);
});

it('an acknowledged id in a suspect account is gone after the consistency window', () => {
  expect(isGone(missed([5, 94], 'suspect', acknowledged), rules, 'suspect')).toBe(false);
  expect(isGone(missed([5, 95], 'suspect', acknowledged), rules, 'suspect')).toBe(true);
});

it.each([
  ['known', 90],
  ['unknown', 450],
  ['suspect', 1800],
] as const)('an id without an acknowledgement in a %s account is gone after %d s', (account, seconds) => {
  const early = missed([5, 10, 4 + seconds], account);
  expect(isGone(early, rules, account)).toBe(false);
  expect(isGone(missed([5, 10, 5 + seconds], account), rules, account)).toBe(true);
});

it('an id without an acknowledgement is not gone after two missed polls, however far apart', () => {
  expect(isGone(missed([0, 1_000_000]), rules)).toBe(false);
});

it('an account counts as known unless it is said to be another', () => {
  expect(isGone(missed([0, 45, 90]), rules)).toBe(true);
});

it('an id that the vendor confirms as deleted is gone', () => {
  expect(isGone(notePoll(neverAbsent, 'gone', 0, rules), rules, 'suspect')).toBe(true);
});

it('polls of a suspect account count for nothing once it is no longer suspect', () => {
  const doubtful = missed([0, 3, 6], 'suspect', acknowledged);
  expect(doubtful).toMatchObject({ polls: 3, doubtful: true });
  expect(missed([9], 'known', doubtful)).toEqual({ ...acknowledged, polls: 1, since: 9_000, last: 9_000 });
  expect(missed([9], 'suspect', doubtful).polls).toBe(4);
});

it('polls of a known account still count once it is suspect', () => {
  expect(missed([6], 'suspect', missed([0, 3]))).toMatchObject({ polls: 3, since: 0, doubtful: true });
});

it('a poll that shows the id as being deleted acknowledges its deletion', () => {
  expect(notePoll(missed([0, 3]), 'deleting', 6_000, rules)).toEqual(acknowledged);
  expect(notePoll(missed([0, 3]), 'there', 6_000, rules)).toEqual(neverAbsent);
  expect(notePoll(acknowledged, 'there', 6_000, rules)).toEqual(acknowledged);
});

it('a poll that does not show the id is one of its absence', () => {
  expect(notePoll(neverAbsent, undefined, 6_000, rules, 'suspect')).toEqual(missed([6], 'suspect'));
});

it('a delete is requested for what is shown, and for what is not shown until one was accepted', () => {
  expect(needsDelete(acknowledged, 'there')).toBe(true);
  expect(needsDelete(neverAbsent, undefined)).toBe(true);
  expect(needsDelete(acknowledged, undefined)).toBe(false);
  expect(needsDelete(neverAbsent, 'deleting')).toBe(false);
  expect(needsDelete(neverAbsent, 'gone')).toBe(false);
});
