import { ApiError } from './api-error.ts';
import type { CallOptions } from './call-options.ts';
import { type Clock, systemClock } from './clock.ts';
import { Cut, sleep, within } from './limit.ts';
import { WaitError, type WaitErrorCode } from './wait-error.ts';

export { WaitError, type WaitErrorCode, type WaitErrorDetails } from './wait-error.ts';

/** Which states end a wait. Any other, one that nobody knows yet included, means that it goes on. */
export interface WaitGoal {
  /** States that end the wait well. */
  readonly success: readonly string[];
  /** States after which success cannot come any more. */
  readonly failure: readonly string[];
  /** `success` where to be gone is what is waited for. Otherwise what cannot be found yet may still appear for a minute. */
  readonly missing?: 'success';
}

/** A wait as data: what is asked, how its answer is read, and which answers end it. {@link waitFor} interprets it. */
export interface Waiter<T> {
  /** `verda instance b6a57e8c`, for messages. */
  readonly what: string;
  /** Which states end it. */
  readonly goal: WaitGoal;
  /** Asks once. */
  poll(options: CallOptions): Promise<T>;
  /** The vendor's word for the state. */
  stateOf(answer: T): string;
  /** The vendor's words for what went wrong, where its answer has them. */
  reasonOf?(answer: T): string | undefined;
  /** True for an error that means that the thing does not exist. Default: `not-found`. */
  isMissing?(error: ApiError): boolean;
  /** Ends the message of a wait that is given up: what the caller has to know. */
  readonly advice?: string;
  /** Milliseconds between two questions: the first time, and at most. */
  readonly interval: readonly [first: number, longest: number];
  /** Milliseconds; the default of {@link WaitOptions.deadline}. */
  readonly deadline: number;
}

/** What is known while a wait goes on. */
export interface WaitProgress<T> {
  /** The vendor's word; undefined before the first answer. */
  readonly state: string | undefined;
  /** The latest answer; undefined before the first. */
  readonly answer: T | undefined;
  /** Why this question got no answer, when it will be asked again. */
  readonly error: ApiError | undefined;
  /** How often the vendor was asked. */
  readonly polls: number;
  /** Milliseconds from the first question. */
  readonly elapsed: number;
}

/** How long to wait, how often to ask, and who is told. */
export interface WaitOptions<T = unknown> {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the wait may take. */
  readonly deadline?: number | undefined;
  /** Milliseconds between two questions: the first time, and at most. They grow by half each time, and vary at random. */
  readonly interval?: readonly [first: number, longest: number] | undefined;
  /** Told after each question that did not end the wait. */
  readonly onProgress?: ((progress: WaitProgress<T>) => void) | undefined;
  /** Options of each question. */
  readonly call?: Omit<CallOptions, 'signal' | 'idempotencyKey'> | undefined;
  /** Time and chance. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** Milliseconds for which a list or lookup may not show yet what was just made. */
const grace = 60_000;

/** Milliseconds. A vendor may ask for a longer pause, by mistake or while it is down; the wait asks again after this. */
const longestRetryAfter = 60_000;

/** Failures of a question that say nothing of what is asked about. */
const transient = new Set(['connection', 'timeout', 'deadline', 'rate-limit', 'server', 'unreadable']);

/**
 * Asks until the answer says that it is done. Resolves to the last answer, to undefined when what is gone was waited for.
 * @throws WaitError when it failed, took too long, or was aborted
 * @throws ApiError when asking cannot help: the credentials are wrong, or what is asked about does not exist
 */
export async function waitFor<T>(waiter: Waiter<T>, options: WaitOptions<T> = {}): Promise<T | undefined> {
  const { signal, deadline = waiter.deadline, clock = systemClock } = options;
  const wait = new Wait(waiter, options, clock);
  try {
    return await within({ clock, signal, milliseconds: deadline, code: 'deadline' }, (inner) => wait.run(inner));
  } catch (error) {
    if (!(error instanceof Cut)) throw error;
    const { state } = wait;
    const last = state === undefined ? 'without an answer' : `in state ${state}`;
    throw error.code === 'aborted'
      ? wait.end('aborted', `was aborted, ${last}`, error.cause)
      : wait.end('deadline', `was not done within ${deadline / 1000} s, ${last}`, wait.error);
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
    const [first, longest] = this.#options.interval ?? this.#waiter.interval;
    for (let interval = first; ; interval = Math.min(longest, interval * 1.5)) {
      const answer = await this.#poll(signal);
      if (answer === 'gone') return undefined;
      if (answer !== undefined) {
        const state = stateOf(answer.value);
        this.#answer = answer.value;
        this.state = state;
        if (goal.success.includes(state)) return answer.value;
        if (goal.failure.includes(state)) {
          const reason = reasonOf?.(answer.value);
          throw this.end('failed', `came to state ${state}${reason ? `: ${reason.replace(/\.$/, '')}` : ''}`);
        }
      }
      this.#options.onProgress?.(this.#progress());
      // Half of it is certain, so that nobody hammers; the other half keeps many waiters apart.
      const pause = interval * (0.5 + this.#clock.random() / 2);
      const asksFor = Math.min(longestRetryAfter, this.error?.retryAfter ?? 0);
      await sleep(this.#clock, Math.max(pause, asksFor), signal);
    }
  }

  /** The answer, boxed; `gone` when that was waited for; undefined when it is to be asked again. */
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
      const young = this.state === undefined && this.#elapsed() < grace;
      if (!(missing && young) && !transient.has(error.code)) throw error;
      this.error = error;
      return undefined;
    }
  }

  end(code: WaitErrorCode, what: string, cause?: unknown): WaitError {
    const { what: subject, advice } = this.#waiter;
    const details = { code, what: subject, state: this.state, answer: this.#answer };
    return new WaitError(
      [`${subject} ${what} (asked ${this.#polls} times).`, advice].filter(Boolean).join(' '),
      { ...details, polls: this.#polls, elapsed: this.#elapsed() },
      cause === undefined ? undefined : { cause },
    );
  }

  #elapsed(): number {
    return this.#clock.now() - this.#start;
  }

  #progress(): WaitProgress<T> {
    const { state, error } = this;
    return { state, error, answer: this.#answer, polls: this.#polls, elapsed: this.#elapsed() };
  }
}

/** What a wait for a goal resolves to: what is gone has no last answer. */
export type Waited<T, Goal extends string> = Goal extends 'gone' ? T | undefined : T;

/** {@link WaitOptions}, and what is waited for. */
export interface WaitUntilOptions<T, Goal extends string> extends WaitOptions<T> {
  /** What to wait for; the first of the function's goals by default. */
  readonly until?: Goal | undefined;
}

/** {@link waitFor} one of several goals, the first of which is the default. */
export function waitUntil<T, Goal extends string, Chosen extends Goal>(
  goals: Readonly<Record<Goal, WaitGoal>>,
  waiter: Omit<Waiter<T>, 'goal'>,
  { until, ...options }: WaitUntilOptions<T, Chosen>,
): Promise<Waited<T, Chosen>> {
  const [first] = Object.keys(goals) as Goal[];
  const goal = goals[until ?? (first as Goal)];
  return waitFor({ ...waiter, goal }, options) as Promise<Waited<T, Chosen>>;
}
