import { ApiError } from './api-error.ts';
import type { CallOptions } from './call-options.ts';
import { type Clock, systemClock } from './clock.ts';
import { WaitError, type WaitErrorCode } from './wait-error.ts';
import { AbortReason, sleep, withTimeout } from './with-timeout.ts';

export { WaitError, type WaitErrorCode, type WaitErrorDetails } from './wait-error.ts';

/** The states that end a wait. Any other state, also an unknown one, continues it. */
export interface WaitGoal {
  /** States in which the goal is reached. */
  readonly success: readonly string[];
  /** States from which the goal cannot be reached. */
  readonly failure: readonly string[];
  /** `success` when the goal is that the resource is gone. Otherwise a missing resource may still appear for a minute. */
  readonly missing?: 'success' | undefined;
}

/** A wait as data: how to poll, how to read the answer, and which answers end the wait. For {@link waitFor}. */
export interface Waiter<T> {
  /** Names the resource in messages, such as `verda instance b6a57e8c`. */
  readonly what: string;
  /** The states that end the wait. */
  readonly goal: WaitGoal;
  /** Polls once. */
  poll(options: CallOptions): Promise<T>;
  /** Returns the vendor's state. */
  stateOf(answer: T): string;
  /** Returns the vendor's explanation of a failure, if the answer has one. */
  reasonOf?(answer: T): string | undefined;
  /** Returns true for an error that means that the resource does not exist. Default: `not-found`. */
  isMissing?(error: ApiError): boolean;
  /** Last sentence of the message of a wait that ends without reaching its goal. */
  readonly advice?: string | undefined;
  /** Milliseconds between two polls: the first interval and the longest. */
  readonly intervalMs: readonly [first: number, longest: number];
  /** Default of {@link WaitOptions.deadlineMs}, in milliseconds. */
  readonly deadlineMs: number;
}

/** The progress of a wait. */
export interface WaitProgress<T> {
  /** The vendor's latest state. Undefined before the first answer. */
  readonly state: string | undefined;
  /** The latest answer. Undefined before the first. */
  readonly answer: T | undefined;
  /** Why the latest poll failed, when the wait continues in spite of it. */
  readonly error: ApiError | undefined;
  /** Number of polls. */
  readonly polls: number;
  /** Time since the first poll, in milliseconds. */
  readonly elapsedMs: number;
}

/** Options of a wait. */
export interface WaitOptions<T = unknown> {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** How long the wait may take, in milliseconds. Default: depends on the resource. */
  readonly deadlineMs?: number | undefined;
  /** Milliseconds between two polls: the first interval and the longest. Intervals grow by half each time, with jitter. */
  readonly intervalMs?: readonly [first: number, longest: number] | undefined;
  /** Called after each poll that did not end the wait. */
  readonly onProgress?: ((progress: WaitProgress<T>) => void) | undefined;
  /** Options of each poll. */
  readonly call?: Omit<CallOptions, 'signal' | 'idempotencyKey'> | undefined;
  /** Source of time and randomness, for tests. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** How long a lookup may not find a resource that was just created, in milliseconds. */
const appearsWithinMs = 60_000;

/** Longest pause that a vendor may ask for, in milliseconds. A longer `Retry-After` is cut to this. */
const longestRetryAfterMs = 60_000;

/** Codes of failed polls that say nothing about the resource. */
const transient = new Set(['connection', 'timeout', 'deadline', 'rate-limited', 'server', 'unreadable']);

/**
 * Polls until the goal is reached. Resolves to the latest answer, or to undefined when the resource is gone as intended.
 * @throws {WaitError} `failed`, `deadline`, `aborted`
 * @throws {ApiError} when more polls cannot help: the credentials are wrong, or the resource does not exist
 */
export async function waitFor<T>(waiter: Waiter<T>, options: WaitOptions<T> = {}): Promise<T | undefined> {
  const { signal, deadlineMs = waiter.deadlineMs, clock = systemClock } = options;
  const wait = new Wait(waiter, options, clock);
  try {
    return await withTimeout({ clock, signal, limitMs: deadlineMs, code: 'deadline' }, (inner) => wait.run(inner));
  } catch (error) {
    if (!(error instanceof AbortReason)) throw error;
    const { state } = wait;
    const last = state === undefined ? 'without an answer' : `in state ${state}`;
    throw error.code === 'aborted'
      ? wait.end('aborted', `was aborted, ${last}`, error.cause)
      : wait.end('deadline', `was not done within ${deadlineMs / 1000} s, ${last}`, wait.error);
  }
}

class Wait<T> {
  readonly #waiter: Waiter<T>;
  readonly #options: WaitOptions<T>;
  readonly #clock: Clock;
  readonly #start: number;
  #answer: T | undefined;
  #polls = 0;
  state: string | undefined;
  error: ApiError | undefined;

  constructor(waiter: Waiter<T>, options: WaitOptions<T>, clock: Clock) {
    this.#waiter = waiter;
    this.#options = options;
    this.#clock = clock;
    this.#start = clock.now();
  }

  async run(signal: AbortSignal): Promise<T | undefined> {
    const { goal, stateOf, reasonOf } = this.#waiter;
    const [first, longest] = this.#options.intervalMs ?? this.#waiter.intervalMs;
    for (let intervalMs = first; ; intervalMs = Math.min(longest, intervalMs * 1.5)) {
      const answer = await this.#poll(signal);
      if (answer === 'gone') return undefined;
      if (answer !== undefined) {
        const state = stateOf(answer.value);
        this.#answer = answer.value;
        this.state = state;
        if (goal.success.includes(state)) return answer.value;
        if (goal.failure.includes(state)) {
          const reason = reasonOf?.(answer.value);
          throw this.end('failed', `reached state ${state}${reason ? `: ${reason.replace(/\.$/, '')}` : ''}`);
        }
      }
      this.#options.onProgress?.(this.#progress());
      // Half of the interval is random, so that many waiters do not poll at the same time.
      const pauseMs = intervalMs * (0.5 + this.#clock.random() / 2);
      const retryAfterMs = Math.min(longestRetryAfterMs, this.error?.retryAfterMs ?? 0);
      await sleep(this.#clock, Math.max(pauseMs, retryAfterMs), signal);
    }
  }

  /** Returns the answer, `gone` when that was the goal, or undefined when the wait continues. */
  async #poll(signal: AbortSignal): Promise<{ readonly value: T } | 'gone' | undefined> {
    const { goal, isMissing = ({ code }) => code === 'not-found', poll } = this.#waiter;
    this.#polls += 1;
    this.error = undefined;
    try {
      return { value: await poll({ ...this.#options.call, signal }) };
    } catch (error) {
      if (!ApiError.isInstance(error)) throw error;
      const missing = isMissing(error);
      if (missing && goal.missing) return 'gone';
      const young = this.state === undefined && this.#elapsedMs() < appearsWithinMs;
      if (!(missing && young) && !transient.has(error.code)) throw error;
      this.error = error;
      return undefined;
    }
  }

  end(code: WaitErrorCode, what: string, cause?: unknown): WaitError {
    const { what: subject, advice } = this.#waiter;
    return new WaitError(
      [`${subject} ${what} (polled ${this.#polls} times).`, advice].filter(Boolean).join(' '),
      { code, what: subject, ...this.#progress() },
      cause === undefined ? undefined : { cause },
    );
  }

  #elapsedMs(): number {
    return this.#clock.now() - this.#start;
  }

  #progress(): WaitProgress<T> {
    const { state, error } = this;
    return { state, error, answer: this.#answer, polls: this.#polls, elapsedMs: this.#elapsedMs() };
  }
}

/** What a wait for a goal resolves to. A resource that is gone may have no latest answer. */
export type Waited<T, Goal extends string> = Goal extends 'gone' ? T | undefined : T;

/** {@link WaitOptions} and the goal. */
export interface WaitUntilOptions<T, Goal extends string> extends WaitOptions<T> {
  /** The goal. Default: the first of the function's goals. */
  readonly until?: Goal | undefined;
}

/** Waits for one of several goals, like {@link waitFor}. The first goal is the default. */
export function waitUntil<T, Goal extends string, Chosen extends Goal>(
  goals: Readonly<Record<Goal, WaitGoal>>,
  waiter: Omit<Waiter<T>, 'goal'>,
  { until, ...options }: WaitUntilOptions<T, Chosen>,
): Promise<Waited<T, Chosen>> {
  const [first] = Object.keys(goals) as Goal[];
  const goal = goals[until ?? (first as Goal)];
  return waitFor({ ...waiter, goal }, options) as Promise<Waited<T, Chosen>>;
}
