import type { Clock } from './clock.ts';

/** Why a call was ended before it was done. */
export class AbortReason extends Error {
  readonly code: 'aborted' | 'deadline' | 'timeout';

  constructor(code: AbortReason['code'], cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/** What ends a run of {@link withSignal}. */
export interface RunLimit {
  readonly clock: Clock;
  /** Ends the run from outside. */
  readonly signal?: AbortSignal | undefined;
  /** The code of the {@link AbortReason} when the time is up. */
  readonly code: 'deadline' | 'timeout';
}

/** The limits of {@link withTimeout}. */
export interface TimeLimit extends RunLimit {
  /** How long the run may take, in milliseconds. Default: no limit. */
  readonly limitMs?: number | undefined;
}

const reasonOf = (signal: AbortSignal) =>
  signal.reason instanceof AbortReason ? signal.reason : new AbortReason('aborted', signal.reason);

/**
 * Runs a function until it is done, its time is up, or the signal aborts, whichever comes first.
 * @throws {AbortReason} in the latter two cases, even when the function ignores the signal it is given
 */
export function withTimeout<T>(limit: TimeLimit, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return withSignal(limit, (signal, startTimer) => {
    if (limit.limitMs !== undefined) startTimer(limit.limitMs);
    return run(signal);
  });
}

/**
 * As {@link withTimeout}, but the time starts when the function calls `startTimer`.
 * @throws {AbortReason} when the time is up or the signal aborts, even when the function ignores the signal it is given
 */
export async function withSignal<T>(
  { clock, signal: outer, code }: RunLimit,
  run: (signal: AbortSignal, startTimer: (limitMs: number) => void) => Promise<T>,
): Promise<T> {
  if (outer?.aborted) throw reasonOf(outer);
  const inner = new AbortController();
  let cancelTimer: (() => void) | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      // Rejected here and not by an event of the signal, which takes longer to add than all the rest.
      const end = (reason: AbortReason) => {
        inner.abort(reason);
        reject(reason);
      };
      const startTimer = (limitMs: number) => {
        if (!inner.signal.aborted) cancelTimer = clock.after(limitMs, () => end(new AbortReason(code)));
      };
      if (outer) {
        onAbort = () => end(reasonOf(outer));
        outer.addEventListener('abort', onAbort);
      }
      run(inner.signal, startTimer).then(resolve, reject);
    });
  } catch (error) {
    // A fetch that obeys its signal may reject first, with an error of its own.
    throw inner.signal.aborted ? reasonOf(inner.signal) : error;
  } finally {
    cancelTimer?.();
    if (onAbort) outer?.removeEventListener('abort', onAbort);
  }
}

/** Rejects with the signal's reason as soon as it aborts. */
export const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

/**
 * Waits for a number of milliseconds.
 * @throws {AbortReason} as soon as the signal aborts
 */
export function sleep(clock: Clock, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(reasonOf(signal));
    const onAbort = () => {
      cancel();
      reject(signal && reasonOf(signal));
    };
    const cancel = clock.after(milliseconds, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
