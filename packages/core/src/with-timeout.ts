import type { Clock } from './clock.ts';

/** Why a call was ended before it was done. */
export class AbortReason extends Error {
  readonly code: 'aborted' | 'deadline' | 'timeout';

  constructor(code: AbortReason['code'], cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/** The limits of {@link withTimeout}. */
export interface TimeLimit {
  readonly clock: Clock;
  /** Ends the run from outside. */
  readonly signal?: AbortSignal | undefined;
  /** How long the run may take, in milliseconds. Default: no limit. */
  readonly limitMs?: number | undefined;
  /** The code of the {@link AbortReason} when the time is up. */
  readonly code: 'deadline' | 'timeout';
}

const reasonOf = (signal: AbortSignal) =>
  signal.reason instanceof AbortReason ? signal.reason : new AbortReason('aborted', signal.reason);

/**
 * Runs a function until it is done, its time is up, or the signal aborts, whichever comes first.
 * @throws {AbortReason} in the latter two cases, even when the function ignores the signal it is given
 */
export async function withTimeout<T>(limit: TimeLimit, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, signal: outer, limitMs, code } = limit;
  if (outer?.aborted) throw reasonOf(outer);
  const inner = new AbortController();
  const onAbort = () => inner.abort(outer && reasonOf(outer));
  outer?.addEventListener('abort', onAbort);
  const cancelTimer =
    limitMs === undefined ? undefined : clock.after(limitMs, () => inner.abort(new AbortReason(code)));
  try {
    return await Promise.race([run(inner.signal), aborted(inner.signal)]);
  } catch (error) {
    // A fetch that obeys its signal may reject first, with an error of its own.
    throw inner.signal.aborted ? reasonOf(inner.signal) : error;
  } finally {
    cancelTimer?.();
    outer?.removeEventListener('abort', onAbort);
  }
}

/** Rejects with the signal's reason as soon as it aborts. */
export const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

/**
 * Waits for a number of milliseconds.
 * @throws {AbortReason} as soon as the signal aborts
 */
export function sleep(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(reasonOf(signal));
    const onAbort = () => {
      cancel();
      reject(reasonOf(signal));
    };
    const cancel = clock.after(milliseconds, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
