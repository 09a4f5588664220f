import type { Clock } from './clock.ts';
import { Failed } from './failure.ts';
import { bucketMeter, type Lesson, type Meter, windowMeter } from './meter.ts';

/** What a limit is told of a request. */
export interface LimitedRequest {
  /** HTTP method, in capitals. */
  readonly method: string;
  /** The path as it is sent, parameters filled in. */
  readonly path: string;
  /** True for an operation that takes no credentials. */
  readonly open: boolean;
  /**
   * True to go before all that are not, and in any case: an instance bills while the call that ends it waits. It waits for
   * its turn for a few seconds at most, and for no pause that the vendor asked for.
   */
  readonly urgent?: boolean;
  /** Milliseconds. A request that would have to wait longer for its limits is refused at once. Default: no limit. */
  readonly maxWait?: number;
}

/** A limit that a vendor sets. */
export interface RateLimit {
  /** As the vendor's `RateLimit` header calls it, where it sends one. */
  readonly name: string;
  /** How many requests in each `window`. What the vendor's headers say wins. */
  readonly quota: number | ((request: LimitedRequest) => number);
  /** Milliseconds. */
  readonly window: number;
  /**
   * Given for a bucket that fills continually: how many requests it holds. Left out for a window that begins with a request
   * and, once its quota is used, allows nothing until it ends.
   */
  readonly burst?: number;
  /** Requests with the same key are counted together; those without one are not counted. */
  readonly key: (request: LimitedRequest) => string | undefined;
}

/** What a limiter learns from. */
export interface LimitedAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Headers, of which those about limits are read. */
  readonly headers: Headers;
  /** Milliseconds that the answer asks to wait. */
  readonly retryAfter?: number | undefined;
}

/** Gives a turn back when its request is over, with the answer if there was one. Only the first time counts. */
export type Release = (answer?: LimitedAnswer) => void;

/** Lets requests pass as a vendor's limits allow: the urgent first, otherwise in the order in which they came. */
export interface RateLimiter {
  /**
   * Resolves when it is the request's turn; rejects with the signal's reason when that aborts, and at once when the limits
   * would have it wait longer than `maxWait`.
   */
  acquire(request: LimitedRequest, signal: AbortSignal): Promise<Release>;
}

/** A limiter that can tell when it has nothing to remember. */
export interface ForgettableRateLimiter extends RateLimiter {
  /** True when a new limiter in its place would let the same requests pass. */
  idle(): boolean;
}

interface Waiter {
  readonly urgent: boolean;
  readonly maxWait: number;
  readonly since: number;
  readonly meters: readonly Meter[];
  go(at: number): void;
  refuse(retryAfter: number): void;
}

/** Milliseconds that an urgent request waits for its turn. Where that would take longer it goes at once. */
const urgentWait = 5_000;

/** Past so many, what is idle is forgotten. */
const many = 1000;

/** Makes a limiter. The most specific limit comes last: it is the one that a 429 without further words is about. */
export function createRateLimiter(limits: readonly RateLimit[], clock: Clock): ForgettableRateLimiter {
  const meters = new Map<string, Meter>();
  let queue: readonly Waiter[] = [];
  let cancelTimer = () => {};
  let latest = 0;
  // Also a clock that is set back goes on here: a timer that ran out is taken at its word.
  const now = () => {
    latest = Math.max(latest, clock.now());
    return latest;
  };

  function metersOf(request: LimitedRequest): Meter[] {
    return limits.flatMap(({ name, quota, window, burst, key }) => {
      const counted = key(request);
      if (counted === undefined) return [];
      const id = `${name} ${counted}`;
      const number = typeof quota === 'number' ? quota : quota(request);
      const meter =
        meters.get(id) ??
        (burst === undefined ? windowMeter(name, number, window) : bucketMeter(name, number, window, burst));
      if (meters.size >= many) for (const [old, { idle }] of meters) if (idle(now())) meters.delete(old);
      meters.set(id, meter);
      return [meter];
    });
  }

  /** Lets everyone go whose limits all allow it, in order, refuses who would wait too long, and comes back for the next. */
  function serve(): void {
    cancelTimer();
    const at = now();
    let soonest = Number.POSITIVE_INFINITY;
    const left: Waiter[] = [];
    for (const waiter of queue) {
      const wait = waitOf(waiter, at);
      if (wait <= 0) waiter.go(at);
      // Infinite means that an answer on its way will tell: that is no wait that anybody asked for.
      else if (wait > waiter.maxWait && wait < Number.POSITIVE_INFINITY) waiter.refuse(wait);
      else {
        left.push(waiter);
        soonest = Math.min(soonest, wait);
      }
    }
    queue = left;
    // Without a time to come back at, an answer that is on its way brings it.
    if (soonest === Number.POSITIVE_INFINITY) return;
    cancelTimer = clock.after(Math.ceil(soonest), () => {
      latest = Math.max(latest, at + Math.ceil(soonest));
      serve();
    });
  }

  function taken(mine: readonly Meter[], at: number): Release {
    const returns = mine.map((meter) => meter.take(at));
    let over = false;
    return (answer) => {
      if (over) return;
      over = true;
      const lessons = answer ? lessonsOf(answer.headers) : [];
      for (const [index, { name }] of mine.entries())
        returns[index]?.(
          now(),
          lessons.find((lesson) => lesson.name === name),
        );
      if (answer?.status === 429 && !lessons.some(({ left }) => left === 0)) {
        mine.at(-1)?.block.begin(now(), answer.retryAfter ?? 1000);
      }
      serve();
    };
  }

  return {
    idle: () => queue.length === 0 && [...meters.values()].every((meter) => meter.idle(now())),
    acquire(request, signal) {
      const mine = metersOf(request);
      if (mine.length === 0) return Promise.resolve(() => {});
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const waiter: Waiter = {
          urgent: request.urgent ?? false,
          maxWait: request.maxWait ?? Number.POSITIVE_INFINITY,
          since: now(),
          meters: mine,
          go(at) {
            signal.removeEventListener('abort', leave);
            resolve(taken(mine, at));
          },
          refuse(retryAfter) {
            signal.removeEventListener('abort', leave);
            const what = "was not sent: it would have to wait for the vendor's rate limit longer than maxRetryAfter";
            reject(new Failed({ code: 'rate-limit', what, retryAfter }));
          },
        };
        const leave = () => {
          queue = queue.filter((other) => other !== waiter);
          reject(signal.reason);
          serve();
        };
        signal.addEventListener('abort', leave, { once: true });
        queue = placed(queue, waiter);
        serve();
      });
    },
  };
}

/** Milliseconds until a request may go. What it waits behind others of this process does not count. */
function waitOf({ urgent, maxWait, since, meters }: Waiter, at: number): number {
  const turn = Math.max(...meters.map((meter) => meter.wait(at)));
  if (urgent) return turn <= since + urgentWait - at ? turn : 0;
  return Math.max(turn, ...meters.map(({ block }) => block.left(at, maxWait)));
}

/** The queue with another in it: behind the urgent ones if it is urgent, otherwise at the end. */
function placed(queue: readonly Waiter[], waiter: Waiter): readonly Waiter[] {
  const place = waiter.urgent ? queue.filter(({ urgent }) => urgent).length : queue.length;
  return queue.toSpliced(place, 0, waiter);
}

/** What the headers `RateLimit-Policy: "project";q=500;w=60` and `RateLimit: "project";r=486;t=37` say. */
function lessonsOf(headers: Headers): Lesson[] {
  const said = `${headers.get('ratelimit-policy') ?? ''},${headers.get('ratelimit') ?? ''}`;
  const lessons = new Map<string, Record<string, number>>();
  for (const [, name = '', parameters = ''] of said.matchAll(/"([^"]*)"((?:\s*;\s*\w+=\d+)*)/g)) {
    const numbers = lessons.get(name) ?? {};
    lessons.set(name, numbers);
    for (const [, key = '', value] of parameters.matchAll(/(\w+)=(\d+)/g)) numbers[key] = Number(value);
  }
  return [...lessons].map(([name, { q, w, r, t }]) => ({ name, quota: q, seconds: w, left: r, reset: t }));
}
