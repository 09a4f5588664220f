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
  /** What the vendor's 429s ask for, on top of what is counted. */
  readonly block: Block;
  /** Milliseconds until a request may go by what is counted; 0 for now; infinite while only an answer can tell. */
  wait(now: number): number;
  /** Counts a request that goes now; to be called when it is over. */
  take(now: number): (now: number, lesson?: Lesson) => void;
  /** True when forgetting it would change nothing. */
  idle(now: number): boolean;
}

/** Milliseconds of the longest pause that a vendor is believed. */
const longest = 3_600_000;

/** Milliseconds after which a vendor is asked again, however long a pause it asked for. */
const firstDoubt = 60_000;

/** A pause that a 429 asked for. */
export interface Block {
  /** Begins a pause of so many milliseconds. An hour is the most. */
  begin(now: number, milliseconds: number): void;
  /**
   * Milliseconds that are left, for a request that would wait up to `patience` milliseconds. A pause that is longer than
   * that counts for as long as the request would have waited, at least a minute; then the vendor is asked again: a wrong
   * `Retry-After` must not keep an account's calls from being sent for hours.
   */
  left(now: number, patience: number): number;
}

function createBlock(): Block {
  let since = 0;
  let until = 0;
  return {
    begin(now, milliseconds) {
      since = now;
      until = now + Math.min(longest, milliseconds);
    },
    left: (now, patience) => (now - since >= Math.max(firstDoubt, patience) ? 0 : Math.max(0, until - now)),
  };
}

/** A bucket of `burst` turns into which `quota` turns a `window` flow. */
export function bucketMeter(name: string, quota: number, window: number, burst: number): Meter {
  const each = window / quota;
  let turns = burst;
  let since = 0;
  const block = createBlock();
  const fill = (now: number) => {
    turns = Math.min(burst, turns + (now - since) / each);
    since = now;
  };
  return {
    name,
    block: {
      begin(now, milliseconds) {
        block.begin(now, milliseconds);
        turns = Math.min(turns, 1);
      },
      left: block.left,
    },
    wait(now) {
      fill(now);
      return Math.max(0, Math.ceil((1 - turns) * each));
    },
    take(now) {
      fill(now);
      // An urgent request may go without a turn. It takes none from those after it: the vendor refuses it, or has one more.
      turns = Math.max(0, turns - 1);
      return () => {};
    },
    idle: (now) => block.left(now, longest) === 0 && turns + (now - since) / each >= burst,
  };
}

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
  const block = createBlock();
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
    if (seconds !== undefined && seconds > 0) window = Math.min(Math.max(length, firstDoubt), seconds * 1000);
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
    block,
    wait(now) {
      renew(now);
      if (used < quota) return 0;
      // Nothing is under way that could begin a later window than one that begins now.
      if (underWay === 0) latestEnd = Math.min(latestEnd, now + window);
      return latestEnd - now;
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
    idle: (now) => underWay === 0 && block.left(now, longest) === 0 && (used === 0 || now >= latestEnd),
  };
}
