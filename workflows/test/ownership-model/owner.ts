import { type Absence, neverAbsent } from '../../../packages/clouds/src/absence.ts';
import { unseenAccount } from '../../../packages/clouds/src/account-watch.ts';
import type { Decisions } from './decisions.ts';
import { rules, timeOf, windowTicks } from './names.ts';
import { breaks, nameOf, type Owner, type State, withOwner } from './state.ts';
import { create, listed, remove, sighting } from './vendor.ts';

/** What happens to a request that changes something. */
export type Outcome = 'answered' | 'answer-lost' | 'no-effect' | 'crash-after' | 'late' | 'returns';

/** The polls of the create activity, the watch activity, and the teardown, and what follows from each. */
export function poll(state: State, index: number, decisions: Decisions): State {
  const owner = state.owners[index];
  const polled = withOwner(state, index, { polledAt: state.now });
  if (owner?.phase === 'create') return beginAttempt(polled, index, owner, decisions);
  if (owner?.phase === 'search') return search(polled, index, owner, decisions);
  if (owner?.phase === 'watch') return watch(polled, index, owner, decisions);
  return state;
}

function beginAttempt(state: State, index: number, { attempt, clean }: Owner, decisions: Decisions): State {
  if (decisions.mayFollowCreate(attempt, clean)) {
    const until = state.now + windowTicks;
    return search(
      withOwner(state, index, { phase: 'search', until, sent: undefined, mayHaveTwin: true }),
      index,
      { phase: 'search', attempt, until, mayHaveTwin: true },
      decisions,
    );
  }
  return adopt(state, index, decisions) ?? withOwner(state, index, { phase: 'send' });
}

function search(state: State, index: number, { until = 0, sent }: Owner, decisions: Decisions): State {
  const adopted = adopt(state, index, decisions);
  if (adopted !== undefined) return adopted;
  if (state.now < until) return state;
  if (sent === undefined) return withOwner(state, index, { phase: 'send', until: undefined });
  // The create failed, and left nothing: the next attempt need not search.
  return retryCreate(state, index, true);
}

function adopt(state: State, index: number, { findAdoptable }: Decisions): State | undefined {
  const found = findAdoptable(listed(state), nameOf(index));
  if (found === undefined) return undefined;
  const adopted = created(state, index, found.id);
  const isOwn = state.machines.some(({ id, owner }) => id === found.id && owner === index);
  return isOwn ? adopted : breaks(adopted, 'somebody else’s instance was adopted');
}

function created(state: State, index: number, instanceId: string | undefined): State {
  const owner = state.owners[index];
  const lastCreateAt = owner?.mayHaveTwin ? state.now : undefined;
  const known = withOwner(state, index, { instanceId, lastCreateAt, until: undefined, sent: undefined });
  if (owner?.released || instanceId === undefined) return beginTeardown(known, index);
  return withOwner(known, index, { phase: 'watch', watched: neverAbsent, polledAt: state.now });
}

/** A cancelled activity is not retried: what it left is unknown. */
function retryCreate(state: State, index: number, isClean = false): State {
  const owner = state.owners[index];
  const left = withOwner(state, index, { until: undefined, sent: undefined });
  if (owner?.released)
    return beginTeardown(withOwner(left, index, { lastCreateAt: isClean ? undefined : state.now }), index);
  // No attempt after the second differs from it.
  return withOwner(left, index, { phase: 'create', attempt: 2, clean: isClean ? 1 : undefined });
}

/** The create call. */
export function send(state: State, index: number, outcome: Outcome, lag: number, decisions: Decisions): State {
  if (state.owners[index]?.released) return created(state, index, undefined);
  const made = outcome === 'no-effect' || outcome === 'late' ? state : create(state, index, lag);
  if (outcome === 'answered') {
    const id = `i${state.nextId}`;
    return created({ ...made, account: decisions.noteCreated(made.account, id) }, index, id);
  }
  if (outcome === 'crash-after') return crash(made, index);
  const until = state.now + windowTicks;
  const late = outcome === 'late' ? ('pending' as const) : state.owners[index]?.late;
  return withOwner(made, index, { phase: 'search', until, sent: true, late, polledAt: undefined });
}

/** The vendor has no capacity, and says so. */
export function refuse(state: State, index: number): State {
  return beginTeardown(withOwner(state, index, { lastCreateAt: undefined }), index);
}

function watch(
  state: State,
  index: number,
  { instanceId = '', watched = neverAbsent }: Owner,
  decisions: Decisions,
): State {
  const absence = decisions.notePoll(watched, sighting(state, instanceId), timeOf(state.now), rules);
  const next = withOwner(state, index, { watched: absence });
  return decisions.isGone(absence, rules) ? beginTeardown(next, index) : next;
}

/** Its run or a cancellation ends it. A create that was sent is waited for. */
export function release(state: State, index: number): State {
  const released = withOwner(state, index, { released: true });
  return state.owners[index]?.phase === 'watch' ? beginTeardown(released, index) : released;
}

function beginTeardown(state: State, index: number): State {
  const { instanceId, lastCreateAt } = state.owners[index] ?? {};
  return withOwner(state, index, {
    phase: 'destroy',
    known: instanceId === undefined ? {} : { [instanceId]: neverAbsent },
    nothingAppearsFrom: lastCreateAt === undefined ? state.now : lastCreateAt + windowTicks,
    watched: undefined,
    polledAt: undefined,
    attempt: 1,
    clean: undefined,
  });
}

/** One sweep of a teardown. `outcome` is that of its first delete. */
export function sweep(state: State, index: number, outcome: Outcome, decisions: Decisions): State {
  const owner = state.owners[index];
  if (owner?.phase !== 'destroy') return state;
  const list = listed(state);
  const name = nameOf(index);
  const known: Record<string, Absence> = { ...owner.known };
  for (const one of list) if (decisions.haveSameOwner(one.name, name)) known[one.id] ??= neverAbsent;
  let world: State = {
    ...state,
    account: decisions.noteList(
      state.account,
      list.map(({ id }) => id),
    ),
  };
  let how: Outcome = outcome;
  let failed = false;
  for (const [id, before] of Object.entries(known)) {
    const seen = sighting(world, id);
    const after = decisions.notePoll(before, seen, timeOf(world.now), rules, world.account.state);
    known[id] = after;
    if (seen === 'deleting') world = { ...world, account: decisions.noteReleased(world.account, id) };
    if (!decisions.needsDelete(after, seen)) continue;
    const removed = remove(world, id, how === 'returns' ? true : undefined);
    world = removed.state;
    if (how === 'answer-lost') failed = true;
    else if (removed.accepted) {
      known[id] = { ...after, acknowledged: true };
      world = { ...world, account: decisions.noteReleased(world.account, id) };
    }
    how = 'answered';
  }
  const swept = withOwner(world, index, { known, polledAt: state.now });
  if (failed) return resetTeardown(swept, index);
  const ended = Object.values(known).every((absence) => decisions.isGone(absence, rules, world.account.state));
  return ended && state.now >= (owner.nothingAppearsFrom ?? 0) ? close(swept, index) : swept;
}

function close(state: State, index: number): State {
  const { instanceId } = state.owners[index] ?? {};
  const left = state.machines.filter(({ owner, late, name, id }) => {
    const isUnknown = name !== nameOf(index) && id !== instanceId;
    return owner === index && late === undefined && !isUnknown;
  });
  const closed = withOwner(state, index, {
    phase: 'closed',
    mayHaveTwin: undefined,
    known: undefined,
    nothingAppearsFrom: undefined,
    polledAt: undefined,
    lastCreateAt: undefined,
  });
  return left.length > 0 ? breaks(closed, 'an owner ended before its instance was gone') : closed;
}

/** The next attempt of a teardown knows what the heartbeats said. */
function resetTeardown(state: State, index: number): State {
  const { instanceId, known = {} } = state.owners[index] ?? {};
  if (instanceId === undefined) return withOwner(state, index, { known: {} });
  const acknowledged = known[instanceId]?.acknowledged ?? false;
  return withOwner(state, index, { known: { [instanceId]: { ...neverAbsent, acknowledged } } });
}

/** The worker dies. Another one goes on without its memory. */
export function crash(state: State, index: number): State {
  const fresh: State = { ...state, account: unseenAccount };
  const phase = state.owners[index]?.phase;
  if (phase === 'watch') return withOwner(fresh, index, { watched: neverAbsent });
  if (phase === 'destroy') return resetTeardown(fresh, index);
  return retryCreate(fresh, index);
}
