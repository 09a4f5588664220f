import type { Random } from './random.ts';
import type { Vendor } from './vendor.ts';

/** What happens to a request on its way, whatever it asks for. */
export const wireFaults = [
  /** An error in the vendor's own form; nothing was done. */
  'http-500',
  /** A gateway's HTML page; nothing was done. */
  'http-502',
  'http-503',
  /** 429 with Retry-After. `seconds`: how long to wait, 1 by default. */
  'rate-limit',
  /** Waits `seconds` (1 by default) before the request takes effect. */
  'latency',
  /** The request takes effect, then the connection is cut. */
  'lost-response',
  /** The connection is cut before the request is looked at. */
  'refuse',
] as const;

/** What happens to an instance that is being asked for. */
export const createFaults = [
  'out-of-capacity',
  /** The account has no money, or may not be charged. */
  'no-funds',
  /** The new instance is in no list for `seconds`, 5 by default. */
  'list-lag',
  /** The order is accepted and fails instead of booting. */
  'accepted-then-failed',
  /** The vendor takes the machine away `seconds` (5 by default) after it came up. */
  'preempt',
  /** It stays where it is after the order; for `seconds`, until the vendor gives it up as failed, or for good when left out. */
  'never-boots',
  /** SSH cuts every connection; for `seconds` after boot, for good when left out. */
  'ssh-refuses',
  /** SSH cuts the first connection `seconds` (1 by default) after its login. */
  'ssh-drop',
] as const;

export const deleteFaults = [
  /** Deleting answers with an error and does nothing. */
  'delete-fails',
] as const;

/** Every kind of fault that a rule can name. */
export const faultKinds = [...wireFaults, ...createFaults, ...deleteFaults] as const;
/** What can go wrong on demand; the README says what each does. */
export type FaultKind = (typeof faultKinds)[number];

/** Those that can strike an instance that is there already. */
export const instanceFaults: readonly FaultKind[] = ['preempt', 'ssh-refuses', 'ssh-drop'];

/** When something goes wrong, and what. A rule without `probability` and `count` strikes once. */
export interface FaultRule {
  /** What goes wrong. */
  readonly kind: FaultKind;
  /** All vendors when left out. */
  readonly vendor?: Vendor;
  /** operationId in the vendor's patched document; every operation that the kind can strike when left out. */
  readonly operation?: string;
  /** From 0 to 1, of the calls that match. */
  readonly probability?: number;
  /** Strikes at most so often. Without it: once, or without end where there is a `probability`. */
  readonly count?: number;
  /** Lets so many matching calls pass first. */
  readonly after?: number;
  /** See the kind. */
  readonly seconds?: number;
  /** Id or label of an instance. With `preempt`, `ssh-refuses` and `ssh-drop`: strikes this one, which exists already. */
  readonly instance?: string;
}

interface Entry {
  readonly rule: FaultRule;
  matched: number;
  applied: number;
}

/** The rules, and how often each has struck. */
export class FaultPlan {
  readonly #random: Random;
  #entries: Entry[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  add(...rules: readonly FaultRule[]): void {
    for (const rule of rules) this.#entries.push({ rule, matched: 0, applied: 0 });
  }

  clear(): void {
    this.#entries = [];
  }

  rules(): readonly FaultRule[] {
    return this.#entries.map((entry) => entry.rule);
  }

  /** The first rule that strikes now, if any. Asking counts as a matching call. */
  take(vendor: Vendor, operation: string, kind: FaultKind): FaultRule | undefined {
    for (const entry of this.#entries) {
      if (entry.rule.kind === kind && this.#applies(entry, vendor, operation)) return entry.rule;
    }
    return undefined;
  }

  #applies(entry: Entry, vendor: Vendor, operation: string): boolean {
    const { rule } = entry;
    if (rule.instance !== undefined) return false;
    if (rule.vendor !== undefined && rule.vendor !== vendor) return false;
    if (rule.operation !== undefined && rule.operation !== operation) return false;
    entry.matched += 1;
    if (entry.matched <= (rule.after ?? 0)) return false;
    if (entry.applied >= (rule.count ?? (rule.probability === undefined ? 1 : Number.POSITIVE_INFINITY))) return false;
    if (rule.probability !== undefined && this.#random.next() >= rule.probability) return false;
    entry.applied += 1;
    return true;
  }
}
