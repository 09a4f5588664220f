import { parseInstanceName } from '@gpu-clouds/clouds/pure';
import type { FailureKind, InstanceRequest } from '@gpu-clouds/jobs/contract';
import { CancellationScope, condition, isCancellation, setHandler } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { budgetBeganSignal } from './budget-messages.ts';
import { BudgetRequests } from './budget-requests.ts';
import type { LeaseTime } from './lease-time.ts';

/** What is reserved at a time for an instance without a limit in dollars. */
const stepSeconds = 3600;
/**
 * What is reserved at least. An instance bills from its create call until it is gone, whatever its caps: otherwise many instances with a cap of
 * a second could together spend much more than the budget.
 */
const leastSeconds = 600;
/** More is asked for this long before the reserved money is spent. If it is refused, the instance is gone in time. */
const renewAheadMs = 600_000;
/**
 * How long a decision about a renewal may take after the reserved money is spent. After an outage of all workers, a ledger that works decides
 * within seconds.
 */
const graceMs = 300_000;
/** Rounded dollars must not look like a shortage. */
const toleranceMs = 1000;

const undecided =
  "The reserved money is spent, and the ledger of the budget has not decided about more. Look at the ledger's workflow.";

/** The part of the fleet's budget that one instance has reserved. Without a budget, nothing is reserved and nothing is refused. */
export class BudgetShare {
  readonly #request: InstanceRequest;
  readonly #time: LeaseTime;
  readonly #requests: BudgetRequests;
  /** US dollars in total. */
  #reserved = 0;
  /** The budget began after the instance did. */
  #joins = false;

  constructor(request: InstanceRequest, time: LeaseTime) {
    this.#request = request;
    this.#time = time;
    this.#requests = new BudgetRequests(parseInstanceName(request.instanceName)?.fleet);
    const join = () => {
      this.#joins = true;
    };
    setHandler(budgetBeganSignal, join, {
      description: 'The fleet has a budget now: what this instance costs counts to it from its start on.',
    });
  }

  /**
   * Reserves money, and then does the work while there is money for it. Returns or throws only once the work has ended: a create call that
   * is under way must not be overtaken by the teardown.
   * @throws ApplicationFailure `budget`: the work was not begun. `over-budget`: it was cancelled.
   */
  async whileItLasts<T>(work: () => Promise<T>): Promise<T> {
    await this.#ask('budget');
    const scope = new CancellationScope();
    let refusal: unknown;
    this.#untilRefused().catch((error: unknown) => {
      if (!isCancellation(error)) refusal = error;
      scope.cancel();
    });
    try {
      return await scope.run(work);
    } catch (error) {
      throw refusal ?? error;
    }
  }

  /** Reserves more whenever the rest runs low. Never resolves. @throws ApplicationFailure `over-budget`: there is no more. */
  async #untilRefused(): Promise<never> {
    for (;;) {
      const { endsAt, pricePerHour } = this.#time;
      const paidUntil = this.#time.affordableUntil(this.#reserved);
      const changed = () => this.#joins || this.#time.endsAt !== endsAt || this.#time.pricePerHour !== pricePerHour;
      if (this.#joins) await this.#join();
      else if (paidUntil + toleranceMs >= endsAt) await condition(changed);
      else if (!(await condition(changed, Math.max(0, paidUntil - renewAheadMs - Date.now()))))
        await this.#ask('over-budget');
    }
  }

  /** Returns to the budget what the instance did not spend. @param mayHaveBilled Whether the instance existed, or may have. */
  async settle(mayHaveBilled: boolean): Promise<void> {
    await this.#requests.settle(mayHaveBilled ? this.#time.spentUntil(Date.now()) : 0);
  }

  /** Has the ledger count what exists. Asks for the next hour again before that is over, and may then be refused. */
  async #join(): Promise<void> {
    this.#joins = false;
    await this.#ask(undefined, this.#time.startedAt);
  }

  /**
   * @param refused The kind of the failure if there is no room. Undefined: the instance keeps what it has reserved.
   * @param existsSince When the instance was created, in milliseconds since the epoch, if it is older than the budget.
   */
  async #ask(refused: FailureKind | undefined, existsSince?: number): Promise<void> {
    const { run: from, budgetAccounts: accounts } = this.#request;
    const { pricePerHour, deadline } = this.#time;
    const dollars = this.#totalNeeded();
    const request = { from, accounts, dollars, pricePerHour, deadline, existsSince };
    // Nothing is rented before the first decision, so that one may take as long as it likes. What is renewed bills meanwhile.
    const decision = refused === 'over-budget' ? await this.#renewal(request) : await this.#requests.ask(request);
    if (decision === 'late') throw finalFailure('over-budget', undecided);
    if (typeof decision === 'object' && !decision.granted) {
      if (refused !== undefined) throw finalFailure(refused, decision.message);
      return;
    }
    this.#reserved = typeof decision === 'object' ? decision.dollars : Number.POSITIVE_INFINITY;
  }

  /** Asks until the reserved money is spent, and then once more. */
  async #renewal(request: Parameters<BudgetRequests['ask']>[0]): ReturnType<BudgetRequests['ask']> {
    const left = this.#time.affordableUntil(this.#reserved) - Date.now();
    const decision = await this.#requests.ask(request, Math.max(1, left));
    return decision === 'late' ? this.#requests.ask(request, graceMs) : decision;
  }

  /** US dollars in total, what is spent already included. */
  #totalNeeded(): number {
    const now = Date.now();
    const { endsAt, pricePerHour } = this.#time;
    const { maxDollars } = this.#request;
    const ttlSeconds = Math.max(0, endsAt - now) / 1000;
    const needed = this.#time.spentUntil(now) + nextStep({ ttlSeconds, maxDollars }, pricePerHour);
    return Math.max(needed, leastReservation(pricePerHour));
  }
}

type Caps = Pick<InstanceRequest, 'ttlSeconds' | 'maxDollars'>;

/**
 * Returns how many US dollars are reserved for an instance at first: all that its caps allow, or one hour if it has no limit in dollars; and at
 * least what ten minutes cost.
 */
export function firstReservation(caps: Caps, pricePerHour: number): number {
  return Math.max(nextStep(caps, pricePerHour), leastReservation(pricePerHour));
}

function nextStep({ ttlSeconds, maxDollars }: Caps, pricePerHour: number): number {
  const seconds = maxDollars === undefined ? Math.min(stepSeconds, ttlSeconds) : ttlSeconds;
  return Math.min(maxDollars ?? Number.POSITIVE_INFINITY, (seconds / 3600) * pricePerHour);
}

function leastReservation(pricePerHour: number): number {
  return (leastSeconds / 3600) * pricePerHour;
}
