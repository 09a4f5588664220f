/** What a vendor's answer says about one of its limits. */
export interface Lesson {
  readonly name: string;
  /** Requests that a window allows. */
  readonly quota: number | undefined;
  /** Length of a window. */
  readonly seconds: number | undefined;
  /** Requests that this window still allows. */
  readonly left: number | undefined;
  /** Seconds until this window ends, rounded up. */
  readonly reset: number | undefined;
}

/** Counts the requests that fall under one limit. Times are milliseconds of a clock that never goes back. */
export interface Meter {
  readonly name: string;
  /** Milliseconds until a request may go; 0 for now; infinite while only an answer can tell. */
  wait(now: number): number;
  /** Counts a request that goes now; to be called when it is over. */
  take(now: number): (now: number, lesson?: Lesson) => void;
  /** Lets nothing go until then. */
  block(until: number): void;
  /** True when forgetting it would change nothing. */
  idle(now: number): boolean;
}

/** A bucket of `burst` turns into which `quota` turns a `window` flow. */
export function bucketMeter(name: string, quota: number, window: number, burst: number): Meter {
  const each = window / quota;
  let turns = burst;
  let since = 0;
  let blocked = 0;
  const fill = (now: number) => {
    turns = Math.min(burst, turns + (now - since) / each);
    since = now;
  };
  return {
    name,
    wait(now) {
      fill(now);
      return Math.max(0, blocked - now, Math.ceil((1 - turns) * each));
    },
    take(now) {
      fill(now);
      turns -= 1;
      return () => {};
    },
    block(until) {
      blocked = until;
      turns = Math.min(turns, 1);
    },
    idle: (now) => now >= blocked && turns + (now - since) / each >= burst,
  };
}

const longestWindow = 3_600_000;

/**
 * Windows of a vendor that begin with the first request after the one before has ended. When that was nobody here knows;
 * what is known is an earliest and a latest end. Nothing goes by a new window before the latest end of the old, and what may
 * have arrived after its earliest end is counted in both: so a request can come late, but never too many.
 */
export function windowMeter(name: string, documented: number, length: number): Meter {
  let quota = documented;
  let window = length;
  let used = 0;
  let underWay = 0;
  let blocked = 0;
  /** Tells the windows apart. */
  let number = 0;
  let earliestEnd = Number.POSITIVE_INFINITY;
  let latestEnd = 0;
  /** When the requests of this window were over. */
  let over: number[] = [];

  const maybeLater = () => underWay + over.filter((at) => at > earliestEnd).length;

  function begin(earliest: number, latest: number): void {
    used = maybeLater();
    over = [];
    number += 1;
    earliestEnd = earliest;
    latestEnd = latest;
  }

  function renew(now: number): void {
    if (now < latestEnd) return;
    begin(maybeLater() > 0 ? earliestEnd + window : Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  function learn(sent: number, now: number, lesson: Lesson): void {
    const { seconds, left, reset } = lesson;
    quota = Math.max(1, lesson.quota ?? quota);
    if (seconds !== undefined && seconds > 0) window = Math.min(longestWindow, seconds * 1000);
    if (reset !== undefined) {
      const rest = Math.min(window, reset * 1000);
      if (sent + rest - 1000 >= latestEnd) begin(sent + rest - 1000, now + rest);
      earliestEnd = Math.max(earliestEnd, sent + rest - 1000);
      latestEnd = Math.min(latestEnd, now + rest);
    }
    if (left !== undefined) used = Math.max(used, quota - left);
  }

  return {
    name,
    wait(now) {
      renew(now);
      if (used < quota) return Math.max(0, blocked - now);
      // Nothing is under way that could begin a later window than one that begins now.
      if (underWay === 0) latestEnd = Math.min(latestEnd, now + window);
      return Math.max(latestEnd, blocked) - now;
    },
    take(now) {
      renew(now);
      used += 1;
      underWay += 1;
      earliestEnd = Math.min(earliestEnd, now + window);
      const mine = number;
      return (ended, lesson) => {
        underWay -= 1;
        over.push(ended);
        if (mine !== number) return;
        latestEnd = Math.min(latestEnd, ended + window);
        if (lesson) learn(now, ended, lesson);
      };
    },
    block(until) {
      blocked = until;
      used = Math.max(used, quota);
      latestEnd = until;
    },
    idle: (now) => underWay === 0 && now >= blocked && (used === 0 || now >= latestEnd),
  };
}
