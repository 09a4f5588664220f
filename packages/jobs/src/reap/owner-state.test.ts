import { expect, it } from 'vitest';
import { workflowNames } from '../workflow-api.ts';
import { ownerState } from './owner-state.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const live = { owns: true, isLive: true };
const run = { type: workflowNames.job, isLive: true, knowsOwner: true };

it('an owner that Temporal does not know is not found', () => {
  expect(ownerState(undefined, undefined, now)).toBe('not-found');
});

it('another workflow of the ID of an owner owns nothing', () => {
  expect(ownerState({ ...live, owns: false }, run, now)).toBe('not-found');
});

it('an owner that has ended is closed', () => {
  expect(ownerState({ ...live, isLive: false }, run, now)).toBe('closed');
});

it('an owner that has to end later is running', () => {
  expect(ownerState({ ...live, mustEndBy: '2026-11-21T12:00:00Z' }, run, now)).toBe('running');
});

it('an owner that should have ended is over its cap', () => {
  expect(ownerState({ ...live, mustEndBy: '2026-11-21T11:59:59Z' }, run, now)).toBe('over-cap');
});

it('an owner without a parent is running', () => {
  expect(ownerState(live, undefined, now)).toBe('running');
});

it('an owner counts as closed if its run has ended or does not know it', () => {
  expect(ownerState(live, { ...run, isLive: false }, now)).toBe('closed');
  expect(ownerState(live, { ...run, knowsOwner: false }, now)).toBe('closed');
});

it('an owner of another program is running, even if its parent has ended', () => {
  expect(ownerState(live, { type: 'training', isLive: false, knowsOwner: false }, now)).toBe('running');
});
