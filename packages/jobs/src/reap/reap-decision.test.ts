import { formatInstanceName, formatOwnerId } from '@gpu-clouds/clouds/pure';
import { describe, expect, it } from 'vitest';
import type { OwnerState } from './owner-state.ts';
import { decide, type ReapFacts, type ReapRules } from './reap-decision.ts';

const minute = 60_000;
const now = Date.parse('2026-11-21T12:00:00Z');
const rules: ReapRules = { fleet: 'ours', now, clockAgrees: true, graceMs: 10 * minute, force: false };
const inTime = now + 60 * minute;
const nameOf = (fleet: string, deadline: number) => formatInstanceName({ fleet, run: 'a', ordinal: 0, deadline });
const facts = (given: Partial<ReapFacts> = {}): ReapFacts => ({
  instanceName: nameOf('ours', inTime),
  owner: 'closed',
  orphanSince: undefined,
  ...given,
});

describe('decide', () => {
  it.each<OwnerState | undefined>(['running', 'over-cap', 'closed', 'not-found', undefined])(
    'decide destroys what is past its deadline and the grace period, with an owner that is %s',
    (owner) => {
      const due = nameOf('ours', now - 10 * minute);
      expect(decide(facts({ instanceName: due, owner }), rules)).toEqual({ action: 'destroy', why: 'overdue' });
    },
  );

  it('decide keeps what is past its deadline but within the grace period, unless it is forced', () => {
    const instanceName = nameOf('ours', now - 9 * minute);
    expect(decide(facts({ instanceName, owner: 'running' }), rules)).toEqual({ action: 'keep' });
    const forced = { ...rules, force: true };
    expect(decide(facts({ instanceName, owner: 'running' }), forced)).toEqual({ action: 'destroy', why: 'overdue' });
    const early = facts({ instanceName: nameOf('ours', now + minute), owner: 'running' });
    expect(decide(early, forced)).toEqual({ action: 'keep' });
  });

  it('decide does not go by deadlines if the clocks disagree', () => {
    const overdue = facts({ instanceName: nameOf('ours', now - 60 * minute), owner: 'running' });
    expect(decide(overdue, { ...rules, clockAgrees: false })).toEqual({ action: 'keep' });
  });

  it('decide keeps what has no deadline in its name and a running owner', () => {
    const instanceName = formatOwnerId({ fleet: 'ours', run: 'a', ordinal: 0 });
    expect(decide(facts({ instanceName, owner: 'running' }), rules)).toEqual({ action: 'keep' });
  });

  it('decide raises an alarm for overdue instances of another fleet, and keeps its others', () => {
    const overdue = { instanceName: nameOf('other', now - 10 * minute) };
    expect(decide(facts(overdue), rules)).toEqual({ action: 'alarm', why: 'overdue-in-unknown-fleet' });
    expect(decide(facts({ instanceName: nameOf('other', inTime), orphanSince: 0 }), rules)).toEqual({ action: 'keep' });
  });

  it('decide keeps what has no instance name', () => {
    expect(decide(facts({ instanceName: 'training-box', orphanSince: 0 }), { ...rules, force: true })).toEqual({
      action: 'keep',
    });
  });

  it.each<OwnerState | undefined>(['running', undefined])('decide keeps what has an owner that is %s', (owner) => {
    expect(decide(facts({ owner, orphanSince: 0 }), rules)).toEqual({ action: 'keep' });
  });

  it('decide raises an alarm for what has an owner that Temporal does not know', () => {
    const found = facts({ owner: 'not-found', orphanSince: 0 });
    expect(decide(found, { ...rules, force: true })).toEqual({ action: 'alarm', why: 'owner-not-found' });
  });

  it.each([
    ['closed', 'unowned'],
    ['over-cap', 'over-cap'],
  ] as const)('decide waits for the grace period if the owner is %s', (owner, why) => {
    expect(decide(facts({ owner }), rules)).toEqual({ action: 'wait', why });
    expect(decide(facts({ owner, orphanSince: now - 10 * minute + 1 }), rules)).toEqual({ action: 'wait', why });
    expect(decide(facts({ owner, orphanSince: now - 10 * minute }), rules)).toEqual({ action: 'destroy', why });
    expect(decide(facts({ owner }), { ...rules, force: true })).toEqual({ action: 'destroy', why });
  });
});
