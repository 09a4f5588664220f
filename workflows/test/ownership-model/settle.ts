import type { Decisions } from './decisions.ts';
import { ask } from './moves.ts';
import { deadlineTick, graceTicks, mustEndByTick } from './names.ts';
import { poll, release, send, sweep } from './owner.ts';
import { reap } from './reaper.ts';
import { type Machine, nameOf, type State, withOwner } from './state.ts';
import { create, tick } from './vendor.ts';

/**
 * Lets everything go on without further faults, and with a run that ends: it releases what it knows. Returns the promise that is broken
 * then: before the deadline nothing may be left that somebody can know to be nobody's, and after it nothing at all.
 */
export function settle(from: State, decisions: Decisions): string | undefined {
  let state = from;
  for (; state.now < deadlineTick; state = tick(state)) {
    state = step(state, decisions);
    if (state.broken !== undefined || !isAnythingLeft(state)) return state.broken;
    if (state.now === mustEndByTick && state.machines.some((machine) => isOverCap(state, machine))) {
      return 'an instance that nobody used was left until its cap';
    }
  }
  if (state.machines.some((machine) => isOurs(machine) && !isBeyondReach(state, machine) && !state.temporalLost)) {
    return 'an instance was left until its deadline';
  }
  for (; state.now < deadlineTick + 2 * graceTicks; state = tick(state)) state = reap(state, 'stranger', decisions);
  return state.machines.some((machine) => isOurs(machine) && !isBeyondReach(state, machine))
    ? 'an instance was left after its deadline'
    : state.broken;
}

const isOurs = ({ owner }: Machine) => owner !== undefined;

/**
 * Whether its owner or the reaper has had what it needs to destroy it before the cap. An owner without a worker is past its cap then, and
 * one whose run forgot it destroys by ID at the cap.
 */
function isOverCap(state: State, machine: Machine): boolean {
  const { owner, name } = machine;
  if (owner === undefined || state.temporalLost || state.owners[owner]?.stuck) return false;
  return !isBeyondReach(state, machine) && (name === nameOf(owner) || state.run !== 'forgetful');
}

/** Renamed, so that its name says nothing, and no owner is left that knows its ID. */
function isBeyondReach(state: State, { owner, name, id }: Machine): boolean {
  if (owner === undefined || name === nameOf(owner)) return false;
  const { phase, stuck, instanceId } = state.owners[owner] ?? {};
  return instanceId !== id || stuck === true || phase === 'terminated' || state.temporalLost === true;
}

function isAnythingLeft({ machines, owners }: State): boolean {
  const isPending = owners.some(
    ({ phase, late, stuck }) => late === 'pending' || (phase !== 'closed' && phase !== 'terminated' && !stuck),
  );
  return isPending || machines.some(isOurs);
}

function step(state: State, decisions: Decisions): State {
  let next = state.temporalLost ? reap(state, 'stranger', decisions) : reap(state, 'own', decisions);
  for (const [index, { late }] of state.owners.entries()) {
    if (late === 'pending') next = create(withOwner(next, index, { late: 'appeared' }), index, 0, true);
    if (state.temporalLost) continue;
    if (state.run === 'live' && next.owners[index]?.released === undefined) next = ask(next, index, 'a', decisions);
    next = advance(state.now < mustEndByTick ? next : atCap(next, index), index, decisions);
  }
  return next;
}

/** The timer of the owner ends it, unless nobody runs it. */
function atCap(state: State, index: number): State {
  const owner = state.owners[index];
  const isOver =
    owner === undefined || owner.stuck || owner.released || ['destroy', 'closed', 'terminated'].includes(owner.phase);
  return isOver ? state : release(state, index);
}

/** As far as the owner gets in one tick. */
function advance(state: State, index: number, decisions: Decisions): State {
  let next = state;
  for (let before: State | undefined; before !== next; ) {
    before = next;
    const owner = next.owners[index];
    if (owner === undefined || owner.stuck || owner.polledAt === next.now) return next;
    if (owner.phase === 'send') next = send(next, index, 'answered', 0, decisions);
    else if (owner.phase === 'destroy') next = sweep(next, index, 'answered', decisions);
    else if (owner.phase !== 'closed' && owner.phase !== 'terminated') {
      next = poll(next, index, decisions);
      const { phase } = next.owners[index] ?? {};
      if (phase === 'send' || phase === 'create') next = withOwner(next, index, { polledAt: undefined });
    }
  }
  return next;
}
