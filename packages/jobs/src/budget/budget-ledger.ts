import { dollars } from '../dollars.ts';
import {
  type BudgetChange,
  type BudgetDecision,
  type BudgetFacts,
  type BudgetLimit,
  type BudgetRequest,
  type BudgetSettlement,
  fleetAccount,
} from './budget-api.ts';

/** Everything a ledger knows. It is JSON, so that the ledger's workflow can continue as new with it. */
export interface LedgerState {
  /** The limits by account. */
  readonly limits: Readonly<Record<string, BudgetLimit>>;
  /** Granted and not settled. */
  readonly reservations: readonly Reservation[];
  /** Requests that wait for room, in the order in which they arrived. */
  readonly waiting: readonly BudgetRequest[];
  /** US dollars by account and day (`2026-11-28`). */
  readonly spent: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface Reservation extends BudgetRequest {
  /** Milliseconds since the epoch when it was granted. */
  readonly since: number;
}

interface Obstacle {
  readonly message: string;
  /** The request is larger than a whole budget. */
  readonly forever: boolean;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Days for which spending is kept: a month and the one before it. */
const keptDays = 62;
/** US dollars: sums of fractions are not exact. */
const noise = 1e-9;

/**
 * Decides which requests to spend money fit the budgets. An open reservation counts in full, so what is granted never exceeds a limit,
 * whatever the instances do. What a reservation had spent before the current period counts to the periods before it.
 */
export class BudgetLedger {
  #limits: Map<string, BudgetLimit>;
  #reservations: Map<string, Reservation>;
  #waiting: Map<string, BudgetRequest>;
  #spent: Map<string, Map<string, number>>;

  constructor({ limits = {}, reservations = [], waiting = [], spent = {} }: Partial<LedgerState> = {}) {
    this.#limits = new Map(Object.entries(limits));
    this.#reservations = new Map(reservations.map((reservation) => [reservation.id, reservation]));
    this.#waiting = new Map(waiting.map((request) => [request.id, request]));
    this.#spent = new Map(Object.entries(spent).map(([account, days]) => [account, new Map(Object.entries(days))]));
  }

  /** Everything that the ledger knows, for a new ledger to continue with. */
  get state(): LedgerState {
    return {
      limits: Object.fromEntries(this.#limits),
      reservations: [...this.#reservations.values()],
      waiting: [...this.#waiting.values()],
      spent: Object.fromEntries([...this.#spent].map(([account, days]) => [account, Object.fromEntries(days)])),
    };
  }

  /** Whether any account has a limit. */
  get hasLimits(): boolean {
    return this.#limits.size > 0;
  }

  /** Whether any request waits for room. */
  get waits(): boolean {
    return this.#waiting.size > 0;
  }

  /** When something changes by itself: a period begins for those who wait, or a reservation is overdue. Milliseconds since the epoch. */
  nextChangeAt(now: number): number {
    const overdue = [...this.#reservations.values()].map(({ deadline }) => deadline);
    const periods = this.#waiting.size === 0 ? [] : [...this.#limits.values()].map(({ per }) => periodEnd(per, now));
    return Math.min(...overdue, ...periods);
  }

  /** Sets or removes a limit. @returns Decisions for requests that fit now. */
  change({ account = fleetAccount, limit }: BudgetChange, now: number): readonly BudgetDecision[] {
    if (limit === undefined) this.#limits.delete(account);
    else this.#limits.set(account, limit);
    return this.serveWaiting(now);
  }

  /** Reserves what a request needs. Returns the decision, or undefined while the request waits. */
  request(request: BudgetRequest, now: number): BudgetDecision | undefined {
    const { id, dollars } = request;
    const known = this.#reservations.get(id);
    const { existsSince = now } = request;
    const { dollars: reserved, since } = known ?? { dollars: 0, since: Math.min(now, existsSince) };
    if (request.from !== id) this.#take(request.from, dollars - reserved);
    const bills = request.existsSince !== undefined && known === undefined;
    const obstacle = bills ? undefined : this.#obstacle(request, dollars - reserved, now);
    if (obstacle !== undefined && request.wait && !obstacle.forever) {
      this.#waiting.set(id, request);
      return undefined;
    }
    this.#waiting.delete(id);
    if (obstacle !== undefined) return { id, dollars, granted: false, message: obstacle.message };
    this.#reservations.set(id, { ...request, dollars: Math.max(dollars, reserved), since });
    return { id, dollars, granted: true };
  }

  /** Ends a reservation or a waiting request. Unknown ids are ignored. @returns Decisions for requests that fit now. */
  settle({ id, dollars }: BudgetSettlement, now: number): readonly BudgetDecision[] {
    this.#waiting.delete(id);
    const reservation = this.#reservations.get(id);
    if (reservation === undefined) return [];
    this.#reservations.delete(id);
    this.#spend(reservation, Math.max(0, dollars), now);
    return this.serveWaiting(now);
  }

  /**
   * Ends the reservation of a run that waited for room and has ended since. An owner that has ended keeps its reservation until the deadline,
   * because its instance may still bill. @returns Decisions for requests that fit now.
   */
  forget(id: string, now: number): readonly BudgetDecision[] {
    return this.#reservations.get(id)?.wait ? this.settle({ id, dollars: 0 }, now) : [];
  }

  /** Counts reservations past their deadline as spent in full: their owners did not settle. @returns Decisions for requests that fit now. */
  expire(now: number): readonly BudgetDecision[] {
    for (const reservation of this.#reservations.values()) {
      if (reservation.deadline > now) continue;
      this.#reservations.delete(reservation.id);
      this.#spend(reservation, reservation.dollars, reservation.deadline);
    }
    return this.serveWaiting(now);
  }

  /** Returns decisions for waiting requests that fit now, in the order in which they arrived. */
  serveWaiting(now: number): readonly BudgetDecision[] {
    return [...this.#waiting.values()].flatMap((request) => this.request(request, now) ?? []);
  }

  /** Returns what each account with a limit has spent and reserved in its current period. */
  facts(now: number): readonly BudgetFacts[] {
    return [...this.#limits].map(([account, limit]) => {
      const spent = this.#spentIn(account, limit, now);
      const reserved = this.#reservedIn(account, limit, now);
      return {
        account,
        limit,
        until: new Date(periodEnd(limit.per, now)).toISOString(),
        spent,
        reserved,
        left: Math.max(0, limit.dollars - spent - reserved),
        waiting: [...this.#waiting.values()].filter((request) => accountsOf(request).includes(account)).length,
      };
    });
  }

  /** Takes what was reserved for another request out of its reservation. */
  #take(from: string | undefined, dollars: number): void {
    const source = from === undefined ? undefined : this.#reservations.get(from);
    if (source === undefined) return;
    const left = source.dollars - Math.max(0, dollars);
    if (left > noise) this.#reservations.set(source.id, { ...source, dollars: left });
    else this.#reservations.delete(source.id);
  }

  /** Why `more` dollars do not fit. */
  #obstacle(request: BudgetRequest, more: number, now: number): Obstacle | undefined {
    for (const { account, limit, left, until } of this.facts(now)) {
      if (!accountsOf(request).includes(account) || more <= left + noise) continue;
      const name = account === fleetAccount ? 'The budget' : `The budget of ${account}`;
      const message =
        `${name} is ${dollars(limit.dollars)} per ${limit.per}, of which ${dollars(left)} is left until ` +
        `${until.replace(/\.\d+Z$/, 'Z')}. ${dollars(more)} is needed.`;
      return { message, forever: request.dollars > limit.dollars + noise };
    }
    return undefined;
  }

  #spentIn(account: string, { per }: BudgetLimit, now: number): number {
    const start = periodStart(per, now);
    const days = [...(this.#spent.get(account) ?? [])];
    return sum(days.filter(([day]) => Date.parse(day) >= start).map(([, dollars]) => dollars));
  }

  #reservedIn(account: string, { per }: BudgetLimit, now: number): number {
    const start = periodStart(per, now);
    const ours = [...this.#reservations.values()].filter((reservation) => accountsOf(reservation).includes(account));
    return sum(ours.map((reservation) => reservation.dollars - spentBefore(reservation, start)));
  }

  /** Spreads what was spent evenly over the time since the grant, so that each day gets its share. */
  #spend(reservation: Reservation, dollars: number, until: number): void {
    const shares = shareByDay(reservation.since, until);
    for (const account of accountsOf(reservation)) {
      const days = this.#spent.get(account) ?? new Map<string, number>();
      for (const [day, share] of shares) days.set(day, (days.get(day) ?? 0) + dollars * share);
      for (const day of days.keys()) if (Date.parse(day) < until - keptDays * dayMs) days.delete(day);
      this.#spent.set(account, days);
    }
  }
}

function accountsOf({ accounts = [] }: BudgetRequest): readonly string[] {
  return [fleetAccount, ...accounts];
}

function spentBefore({ since, dollars, pricePerHour }: Reservation, start: number): number {
  return Math.min(dollars, (Math.max(0, start - since) / hourMs) * pricePerHour);
}

function shareByDay(since: number, until: number): readonly (readonly [string, number])[] {
  const end = Math.max(until, since + 1);
  const shares: [string, number][] = [];
  for (let from = since; from < end; ) {
    const to = Math.min(end, periodEnd('day', from));
    shares.push([new Date(from).toISOString().slice(0, 10), (to - from) / (end - since)]);
    from = to;
  }
  return shares;
}

function periodStart(per: BudgetLimit['per'], now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), per === 'day' ? date.getUTCDate() : 1);
}

function periodEnd(per: BudgetLimit['per'], now: number): number {
  const date = new Date(periodStart(per, now));
  return per === 'day' ? date.getTime() + dayMs : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
