import type { Decisions } from './decisions.ts';
import { windowTicks } from './names.ts';
import { crash, type Outcome, poll, refuse, release, send, sweep } from './owner.ts';
import { reap } from './reaper.ts';
import { breaks, isWanted, type Machine, nameOf, newOwner, type Owner, type State, withOwner } from './state.ts';
import { create, tick } from './vendor.ts';

/** One step: what happens, and the state after it. */
export type Move = readonly [label: string, next: State];

const isActive = ({ phase, stuck }: Owner) => !stuck && phase !== 'closed' && phase !== 'terminated';
const polls = ({ phase }: Owner) => phase === 'search' || phase === 'watch' || phase === 'destroy';

/** How far the exploration goes. */
export interface Bounds {
  /** Number of faults on one path. */
  readonly faults: number;
  /** Ticks in which anything may happen in any order. After them, everything goes on without faults. */
  readonly ticks: number;
}

/** Everything that can happen next. Faults use up the budget of the state. */
export function movesFrom(state: State, { faults, ticks }: Bounds, decisions: Decisions): readonly Move[] {
  const moves: Move[] = [];
  const fault = (label: string, next: State, cost = 1) => {
    if (state.faults >= cost) moves.push([label, { ...next, faults: state.faults - cost }]);
  };
  state.owners.forEach((owner, index) => {
    if (!state.temporalLost && isActive(owner)) ownerMoves(state, index, owner, decisions, moves, fault);
  });
  if (!state.temporalLost) moves.push(['reap', reap(state, 'own', decisions)]);
  moves.push(['a stranger reaps', reap(state, 'stranger', decisions)]);
  runMoves(state, decisions, moves, fault);
  vendorFaults(state, state.faults === faults, fault);
  const waits = state.owners.some((owner) => isActive(owner) && polls(owner) && owner.polledAt !== state.now);
  if (state.now < ticks && (!waits || state.temporalLost)) moves.push(['tick', tick(state)]);
  return moves;
}

type Fault = (label: string, next: State, cost?: number) => void;

function ownerMoves(
  state: State,
  index: number,
  owner: Owner,
  decisions: Decisions,
  moves: Move[],
  fault: Fault,
): void {
  const { phase } = owner;
  const say = (what: string) => `owner ${index + 1}: ${what}`;
  fault(say('terminated'), withOwner(state, index, { phase: 'terminated' }));
  fault(say('no worker any more'), withOwner(state, index, { stuck: true }));
  fault(say('worker dies'), crash(state, index));
  if (polls(owner)) fault(say('worker sleeps'), withOwner(state, index, { polledAt: state.now }));
  if (owner.late === 'pending') {
    moves.push([say('late create'), create(withOwner(state, index, { late: 'appeared' }), index, 0, true)]);
  }
  if (phase === 'destroy') {
    moves.push([say('sweep'), sweep(state, index, 'answered', decisions)]);
    fault(say('delete, answer lost'), sweep(state, index, 'answer-lost', decisions));
    if (state.vendor === 'honest' || state.vendor === 'unreliable') {
      fault(say('delete fails later'), { ...sweep(state, index, 'returns', decisions), vendor: 'unreliable' });
    }
  } else if (phase === 'send') {
    sendMoves(state, index, decisions, moves, fault);
  } else {
    moves.push([say(`poll to ${phase}`), poll(state, index, decisions)]);
  }
}

function sendMoves(state: State, index: number, decisions: Decisions, moves: Move[], fault: Fault): void {
  const isLate = state.vendor === 'honest' || state.vendor === 'late';
  const after = (outcome: Outcome, lag = 0) => {
    const next = send(state, index, outcome, lag, decisions);
    return lag === 0 ? next : { ...next, vendor: 'late' as const };
  };
  moves.push(['create', after('answered')]);
  if (isLate) moves.push(['create, listed late', after('answered', windowTicks)]);
  if (state.owners[index]?.released) return;
  moves.push(['no capacity', refuse(state, index)]);
  for (const lag of isLate ? [0, windowTicks] : [0]) {
    fault(`create, answer lost, listed after ${lag}`, after('answer-lost', lag));
    fault(`create, worker dies, listed after ${lag}`, after('crash-after', lag));
  }
  fault('create fails, unknown how', after('no-effect'));
  fault('create fails, takes effect later', after('late'));
}

function runMoves(state: State, decisions: Decisions, moves: Move[], fault: Fault): void {
  if (state.temporalLost) return;
  fault('Temporal lost', { ...state, temporalLost: true });
  if (state.blinkAt === undefined) fault('Temporal forgets a child for a moment', { ...state, blinkAt: state.now });
  state.owners.forEach((owner, index) => {
    if (!isActive(owner)) return;
    if (state.run === 'live' && owner.released === undefined)
      moves.push([`release ${index + 1}`, ask(state, index, 'a', decisions)]);
    fault(`another run releases ${index + 1}`, ask(state, index, 'b', decisions));
  });
  if (state.run !== 'live') return;
  const ended = endRun(state, 'ended');
  fault(
    'run terminated',
    ended.owners.reduce((next, owner, index) => (isActive(owner) ? release(next, index) : next), ended),
  );
  fault('run reset', endRun(state, 'forgetful'));
  const [first] = state.owners;
  const failed =
    first !== undefined && (first.phase === 'destroy' || first.phase === 'closed') && first.released === undefined;
  if (failed && state.owners.length === 1) moves.push(['fail over', { ...state, owners: [...state.owners, newOwner] }]);
}

const endRun = (state: State, run: State['run']): State => ({ ...state, run });

/** A release arrives at an owner. */
export function ask(state: State, index: number, run: string, { heedsRelease }: Decisions): State {
  if (!heedsRelease(nameOf(index), { run })) return state;
  const wrong = run !== 'a' && isWanted(state, index);
  const released = release(state, index);
  return wrong ? breaks(released, 'another run released an instance in use') : released;
}

function vendorFaults(state: State, isFirst: boolean, fault: Fault): void {
  if (state.vendor === 'honest') {
    const lie = (about: 'all' | 'own', ticks: number): State => ({
      ...state,
      vendor: 'wrong',
      lie: { about, until: state.now + ticks - 1 },
    });
    fault('empty list', lie('all', windowTicks));
    // Longer than the consistency window: tolerated only if nothing else goes wrong.
    if (isFirst && state.faults > 0) fault('empty list for long', lie('all', 5 * windowTicks), state.faults);
    fault('stale page', lie('own', windowTicks));
  }
  for (const machine of state.machines) {
    if (machine.owner === undefined || machine.name !== nameOf(machine.owner)) continue;
    const renamed: Machine = { ...machine, name: 'renamed-box' };
    fault('renamed', { ...state, machines: state.machines.map((one) => (one === machine ? renamed : one)) });
  }
}
