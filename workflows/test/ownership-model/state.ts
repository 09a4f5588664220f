import type { Absence } from '../../../packages/clouds/src/absence.ts';
import { type AccountView, unseenAccount } from '../../../packages/clouds/src/account-watch.ts';
import { byHand, foreign, neighbor, ownNames } from './names.ts';

/** An instance that exists in the account, and therefore bills. */
export interface Machine {
  readonly id: string;
  readonly name: string;
  /** The owner whose create made it. Undefined for those of others, which nobody may touch. */
  readonly owner: number | undefined;
  /** The list shows it from this tick on. */
  readonly listedFrom: number;
  readonly state: 'there' | 'deleting';
  /** The deletion was accepted, and fails. */
  readonly returns?: true | undefined;
  /** It appeared long after its create had failed. */
  readonly late?: true | undefined;
}

/** An owner workflow, with the activity that it runs. */
export interface Owner {
  readonly phase: 'create' | 'send' | 'search' | 'watch' | 'destroy' | 'closed' | 'terminated';
  readonly attempt: number;
  readonly clean?: number | undefined;
  /** `search`: the last tick of it, and whether a create of this attempt preceded it. */
  readonly until?: number | undefined;
  readonly sent?: true | undefined;
  readonly mayHaveTwin?: true | undefined;
  readonly instanceId?: string | undefined;
  readonly lastCreateAt?: number | undefined;
  readonly watched?: Absence | undefined;
  readonly known?: Readonly<Record<string, Absence>> | undefined;
  readonly nothingAppearsFrom?: number | undefined;
  /** The last tick at which it polled. It does so at every tick. */
  readonly polledAt?: number | undefined;
  /** Its run, or a cancellation of it, ends it. */
  readonly released?: true | undefined;
  /** No worker runs it any more. */
  readonly stuck?: true | undefined;
  /** A create of it takes effect after the consistency window. */
  readonly late?: 'pending' | 'appeared' | undefined;
}

/** One state of the world. Plain data: equal states have equal JSON. */
export interface State {
  readonly now: number;
  /** Faults that may still happen. */
  readonly faults: number;
  readonly nextId: number;
  readonly machines: readonly Machine[];
  readonly owners: readonly Owner[];
  readonly run: 'live' | 'ended' | 'forgetful';
  readonly account: AccountView;
  /** Up to this tick, answers leave out: everything, or what the run rented. */
  readonly lie?: { readonly until: number; readonly about: 'all' | 'own' } | undefined;
  /**
   * In what way the vendor lets us down, at most one: a late list, a wrong answer, or a deletion that fails after it was accepted. The
   * consistency window is for one of them, not for a late list and a wrong one after it.
   */
  readonly vendor: 'honest' | 'late' | 'wrong' | 'unreliable';
  /** At this tick, Temporal reports that the run has no children. It does so once: the reaper goes by two such reports. */
  readonly blinkAt?: number | undefined;
  /** Temporal lost its database, with everything that ran there. */
  readonly temporalLost?: true | undefined;
  readonly orphansSince: Readonly<Record<string, number>>;
  /** The promise that was broken on the way here. */
  readonly broken?: string | undefined;
}

export const newOwner: Owner = { phase: 'create', attempt: 1 };

/** @param faults Number of faults that may happen on one path. */
export function initialStates(faults: number): readonly State[] {
  const others = [neighbor, foreign, byHand].map(
    (name): Machine => ({ id: name, name, owner: undefined, listedFrom: 0, state: 'there' }),
  );
  return [[], others].map((machines) => ({
    now: 0,
    faults,
    nextId: 1,
    machines,
    owners: [newOwner],
    run: 'live',
    account: unseenAccount,
    vendor: 'honest',
    orphansSince: {},
  }));
}

export function withOwner(state: State, index: number, change: Partial<Owner>): State {
  return { ...state, owners: state.owners.map((owner, at) => (at === index ? { ...owner, ...change } : owner)) };
}

export function nameOf(index: number): string {
  return ownNames[index] ?? '';
}

/** Equal for equal states, whatever led to them. Most parts of a state are those of the one before, so each part has its text once. */
export function keyOf(state: State): string {
  const { now, faults, nextId, run, lie, vendor, blinkAt, temporalLost, broken } = state;
  const own = JSON.stringify([now, faults, nextId, run, lie, vendor, blinkAt, temporalLost, broken]);
  const parts = [state.account, state.orphansSince, ...state.machines, state.owners.length, ...state.owners];
  return own + parts.map((part) => (typeof part === 'number' ? part : textOf(part))).join();
}

const texts = new WeakMap<object, string>();

function textOf(part: object): string {
  const known = texts.get(part);
  if (known !== undefined) return known;
  const text = JSON.stringify(sorted(part));
  texts.set(part, text);
  return text;
}

/** The order of properties depends on what led to the state. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => [key, sorted(part)]);
}

export const breaks = (state: State, broken: string): State => ({ ...state, broken: state.broken ?? broken });

/** Whether somebody still uses the instance of this owner: ending it is wrong. */
export function isWanted({ owners, run }: State, index: number): boolean {
  const owner = owners[index];
  const phase = owner?.phase ?? 'closed';
  return run === 'live' && owner?.released === undefined && !['destroy', 'closed', 'terminated'].includes(phase);
}
