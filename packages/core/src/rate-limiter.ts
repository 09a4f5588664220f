import type { Clock } from './clock.ts';
import { InternalError } from './internal-error.ts';
import type { LimitState, RateLimitInfo } from './limit-state.ts';
import { createTokenBucket } from './token-bucket.ts';
import { createWindow } from './window.ts';

/** A request that waits for a rate limit. */
export interface LimitedRequest {
  /** HTTP method in upper case. */
  readonly method: string;
  /** Path with its parameters filled in. */
  readonly path: string;
  /** True for an operation that takes no credentials. */
  readonly open: boolean;
  /**
   * True to go before all requests that are not urgent, and to be sent in any case: an instance bills until the call that
   * ends it is sent. An urgent request waits at most 5 s for its turn and ignores pauses that the vendor asked for.
   */
  readonly urgent?: boolean | undefined;
  /** Longest wait for the limits, in milliseconds. A request that would wait longer is rejected at once. Default: no limit. */
  readonly maxWaitMs?: number | undefined;
}

/** A rate limit of a vendor. */
export interface RateLimit {
  /** The name in the vendor's `RateLimit` header, if it sends one. */
  readonly name: string;
  /** Requests per window. The vendor's headers override it. */
  readonly quota: number | ((request: LimitedRequest) => number);
  /** Length of a window, in milliseconds. */
  readonly windowMs: number;
  /**
   * Capacity of a token bucket that fills continuously. Without it, the limit is a window that starts with a request and,
   * once its quota is used, allows nothing until it ends.
   */
  readonly burst?: number | undefined;
  /** Returns the key under which a request is counted, or undefined when the limit does not apply to it. */
  readonly key: (request: LimitedRequest) => string | undefined;
}

/** The response to a limited request. */
export interface LimitedAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Response headers. `RateLimit` and `RateLimit-Policy` are read. */
  readonly headers: Headers;
  /** How long the response asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** Reports that a request is over, with its response if there was one. Only the first call counts. */
export type Release = (answer?: LimitedAnswer) => void;

/** Delays requests so that they stay within a vendor's limits: urgent requests first, the others in order. */
export interface RateLimiter {
  /**
   * Resolves when it is the request's turn.
   * @throws the signal's reason when it aborts; an error at once when the limits require a wait of more than `maxWaitMs`
   */
  acquire(request: LimitedRequest, signal: AbortSignal): Promise<Release>;
}

/** A limiter that reports when it has no state to keep. */
export interface ForgettableRateLimiter extends RateLimiter {
  /** Returns true when a new limiter in its place would behave the same. */
  isIdle(): boolean;
}

interface Waiter {
  readonly urgent: boolean;
  readonly maxWaitMs: number;
  readonly since: number;
  readonly states: readonly LimitState[];
  go(at: number): void;
  reject(retryAfterMs: number): void;
}

/** How long an urgent request waits for its turn, in milliseconds. If its turn comes later, it goes at once. */
const urgentWaitMs = 5_000;

/** Above this number of states, idle ones are forgotten. */
const maxStates = 1000;

/** Creates a limiter. The most specific limit comes last: a 429 without further information is about that one. */
export function createRateLimiter(limits: readonly RateLimit[], clock: Clock): ForgettableRateLimiter {
  const states = new Map<string, LimitState>();
  let queue: readonly Waiter[] = [];
  let cancelTimer = () => {};
  let latest = 0;
  // When the clock stands still or is set back, the time of the latest timer counts.
  const now = () => {
    latest = Math.max(latest, clock.now());
    return latest;
  };

  function statesOf(request: LimitedRequest): readonly LimitState[] {
    const found: LimitState[] = [];
    for (const limit of limits) {
      const counted = limit.key(request);
      if (counted !== undefined) found.push(stateOf(limit, counted, request));
    }
    return found;
  }

  function stateOf({ name, quota, windowMs, burst }: RateLimit, counted: string, request: LimitedRequest): LimitState {
    const id = `${name} ${counted}`;
    const known = states.get(id);
    if (known) return known;
    const number = typeof quota === 'number' ? quota : quota(request);
    if (states.size >= maxStates) for (const [old, { isIdle }] of states) if (isIdle(now())) states.delete(old);
    const state =
      burst === undefined ? createWindow(name, number, windowMs) : createTokenBucket(name, number, windowMs, burst);
    states.set(id, state);
    return state;
  }

  /** Lets every request go whose limits allow it, rejects those that would wait too long, and returns for the next. */
  function serve(): void {
    cancelTimer();
    const at = now();
    let soonest = Number.POSITIVE_INFINITY;
    const left: Waiter[] = [];
    for (const waiter of queue) {
      const waitMs = waitOf(waiter, at);
      if (waitMs <= 0) waiter.go(at);
      // An infinite wait ends with a pending response. It is not a pause that a vendor asked for.
      else if (waitMs > waiter.maxWaitMs && waitMs < Number.POSITIVE_INFINITY) waiter.reject(waitMs);
      else {
        left.push(waiter);
        soonest = Math.min(soonest, waitMs);
      }
    }
    queue = left;
    if (soonest === Number.POSITIVE_INFINITY) return;
    cancelTimer = clock.after(Math.ceil(soonest), () => {
      latest = Math.max(latest, at + Math.ceil(soonest));
      serve();
    });
  }

  function take(mine: readonly LimitState[], at: number): Release {
    const releases = mine.map((state) => state.take(at));
    let over = false;
    return (answer) => {
      if (over) return;
      over = true;
      const policy = answer?.headers.get('ratelimit-policy') ?? '';
      const limit = answer?.headers.get('ratelimit') ?? '';
      let isExplained = false;
      for (const [index, { name }] of mine.entries()) {
        const info = rateLimitInfo(name, policy, limit);
        isExplained ||= info.remaining === 0;
        releases[index]?.(now(), info);
      }
      if (answer?.status === 429 && !isExplained) mine.at(-1)?.block.start(now(), answer.retryAfterMs ?? 1000);
      serve();
    };
  }

  return {
    isIdle: () => [...states.values()].every((state) => state.isIdle(now())),
    acquire(request, signal) {
      const mine = statesOf(request);
      if (mine.length === 0) return Promise.resolve(() => {});
      if (signal.aborted) return Promise.reject(signal.reason);
      const { urgent = false, maxWaitMs = Number.POSITIVE_INFINITY } = request;
      const waiting = { urgent, maxWaitMs, since: now(), states: mine };
      // Nobody is ahead, so a request that the limits allow goes without queueing.
      if (queue.length === 0 && waitOf(waiting, waiting.since) <= 0) return Promise.resolve(take(mine, waiting.since));
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          ...waiting,
          go(at) {
            signal.removeEventListener('abort', leave);
            resolve(take(mine, at));
          },
          reject(retryAfterMs) {
            signal.removeEventListener('abort', leave);
            const what = "was not sent: the vendor's rate limit requires a wait of more than maxRetryAfterMs";
            reject(new InternalError({ code: 'rate-limited', what, retryAfterMs }));
          },
        };
        const leave = () => {
          queue = queue.filter((other) => other !== waiter);
          reject(signal.reason);
          serve();
        };
        signal.addEventListener('abort', leave);
        queue = enqueue(queue, waiter);
        serve();
      });
    },
  };
}

/** Returns the milliseconds until a request may go. Requests ahead of it in the queue do not count. */
function waitOf({ urgent, maxWaitMs, since, states }: Omit<Waiter, 'go' | 'reject'>, at: number): number {
  let turnMs = 0;
  for (const state of states) turnMs = Math.max(turnMs, state.waitMs(at));
  if (urgent) return turnMs <= since + urgentWaitMs - at ? turnMs : 0;
  for (const { block } of states) turnMs = Math.max(turnMs, block.leftMs(at, maxWaitMs));
  return turnMs;
}

/** Returns the queue with another waiter: behind the urgent ones if it is urgent, otherwise at the end. */
function enqueue(queue: readonly Waiter[], waiter: Waiter): readonly Waiter[] {
  const place = waiter.urgent ? queue.filter(({ urgent }) => urgent).length : queue.length;
  return queue.toSpliced(place, 0, waiter);
}

/**
 * Reads one limit of the headers `RateLimit-Policy: "project";q=500;w=60` and `RateLimit: "project";r=486;t=37`. They come with
 * each response, so this reads in place and builds no list.
 */
function rateLimitInfo(name: string, policy: string, limit: string): RateLimitInfo {
  const quotas = itemOf(policy, name);
  const state = itemOf(limit, name);
  return {
    quota: parameterOf(quotas, 'q'),
    windowSeconds: parameterOf(quotas, 'w'),
    remaining: parameterOf(state, 'r'),
    resetSeconds: parameterOf(state, 't'),
  };
}

/** Returns the parameters of the item with this name: `;r=486;t=37` of `"project";r=486;t=37, "endpoint";r=1`. */
function itemOf(list: string, name: string): string {
  const quoted = `"${name}"`;
  const begin = list.indexOf(quoted);
  if (begin < 0) return '';
  const end = list.indexOf(',', begin);
  return list.slice(begin + quoted.length, end < 0 ? undefined : end);
}

/** Returns the whole number of a parameter. */
function parameterOf(item: string, key: 'q' | 'w' | 'r' | 't'): number | undefined {
  const at = Math.max(item.indexOf(`;${key}=`), item.indexOf(` ${key}=`));
  const value = at < 0 ? Number.NaN : Number.parseInt(item.slice(at + 3), 10);
  return value >= 0 ? value : undefined;
}
