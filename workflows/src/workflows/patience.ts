import type { Offer, Vendor } from '@gpu-clouds/clouds/pure';
import { durationSeconds, type JobWait } from '@gpu-clouds/jobs/contract';
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { BudgetRequests } from './budget-requests.ts';
import { summaryOf } from './failure-summary.ts';
import type { JobMode } from './job-mode.ts';
import type { JobRun } from './job-run.ts';
import { constraintsAfter } from './run-caps.ts';
import { timestamp } from './run-record.ts';

/** Pauses after all listed offers failed to be rented. Each is twice as long as the one before. */
const pauseMs = { first: 60_000, longest: 3_600_000 };
/** Offers that a run tries after a pause. Each adds about 20 events to its history, which may have 51,200. */
const mostTries = 5;
/** How long an item of a batch waits for the budget. */
const longWaitMs = 30 * 86_400_000;

/** Lets a run wait for an offer, or for room in the budget. */
export class Patience {
  readonly #run: JobRun;
  readonly #budget: BudgetRequests;
  /** Milliseconds since the epoch. Undefined before the first wait, and after the command began. */
  #since: number | undefined;
  #begun = 0;
  #pauses = 0;

  constructor(run: JobRun) {
    this.#run = run;
    this.#budget = new BudgetRequests(run.order.fleet);
  }

  /**
   * Waits after a failure, until the run may try again.
   * @param search Absent if the failure occurred before any cloud was asked.
   * @throws The failure, if the job does not wait for what is missing, or has waited as long as it may.
   */
  async waitAfter(failure: unknown, search: Search | undefined): Promise<void> {
    // The content of a job file has no `retry` yet.
    if (search === undefined) throw failure;
    const { kind, message } = summaryOf(failure);
    const untilMs = this.#until(kind);
    if (untilMs === undefined || untilMs <= Date.now()) throw failure;
    const began = Date.now();
    const wait = { reason: kind === 'budget' ? 'budget' : 'no-offer', since: timestamp(), message } as const;
    this.#run.record.change({ waiting: { ...wait, until: new Date(untilMs).toISOString() } satisfies JobWait });
    try {
      if (kind === 'budget') await this.#untilRoom(untilMs);
      else if (search.found) await this.#pause(untilMs);
      else await this.#untilOffer(search, untilMs, failure);
    } finally {
      this.#run.record.waited(Date.now() - began);
    }
    this.#run.memory.forgive();
  }

  /** Returns the offers to try now: after a pause, those that have not failed yet or whose failure is the longest ago. */
  chosen(offers: readonly Offer[]): readonly Offer[] {
    return this.#pauses === 0 ? offers : offers.slice(0, mostTries);
  }

  /** Returns to the budget what the run was granted while it waited and did not use. */
  async end(): Promise<void> {
    await CancellationScope.nonCancellable(() => this.#budget.settle(0));
  }

  #until(kind: string): number | undefined {
    const { job, waitsForBudget = false } = this.#run.order;
    const { onNoOffer } = job.retry;
    // An instance that fails earlier is no better than none: it costs money, and the next one may fail the same way.
    const { commandsBegun } = this.#run;
    if (commandsBegun > this.#begun) [this.#begun, this.#since, this.#pauses] = [commandsBegun, undefined, 0];
    this.#since ??= Date.now();
    if (kind === 'budget' && waitsForBudget) return Date.now() + longWaitMs;
    if (onNoOffer === undefined || (kind !== 'no-offer' && kind !== 'budget')) return undefined;
    return this.#since + durationSeconds(onNoOffer) * 1000;
  }

  /** The offers may be gone by the time they are listed again. */
  async #pause(untilMs: number): Promise<void> {
    const longest = Math.min(pauseMs.longest, pauseMs.first * 2 ** this.#pauses);
    this.#pauses += 1;
    await sleep(Math.max(1, Math.min(longest * (0.8 + Math.random() * 0.4), untilMs - Date.now())));
  }

  /** @throws The failure, if no cloud had an offer in time. */
  async #untilOffer({ mode, vendors }: Search, untilMs: number, failure: unknown): Promise<void> {
    const constraints = constraintsAfter(this.#run.memory.preemptions, this.#run.order.job);
    const scope = new CancellationScope();
    try {
      const polls = vendors.map((vendor) => mode.awaitOffer(vendor, constraints, untilMs - Date.now()));
      await scope.run(() => Promise.any(polls));
    } catch (error) {
      if (CancellationScope.current().consideredCancelled) throw isCancellation(error) ? error : failure;
      throw failure;
    } finally {
      scope.cancel();
    }
  }

  /** @throws ApplicationFailure `budget` */
  async #untilRoom(untilMs: number): Promise<void> {
    const { budgetAccounts: accounts } = this.#run.order;
    const request = { accounts, ...this.#run.latestReservation, deadline: untilMs, wait: true };
    const decision = await this.#budget.ask(request, untilMs - Date.now());
    if (decision === 'late') throw finalFailure('budget', 'The budget had no room in time.');
    // Undefined: the budget was removed meanwhile.
    if (decision?.granted === false) throw finalFailure('budget', decision.message);
  }
}

/** Where a run has looked for offers. */
export interface Search {
  readonly mode: JobMode;
  readonly vendors: readonly Vendor[];
  /** Whether there were offers. They could not be rented. */
  readonly found: boolean;
}
