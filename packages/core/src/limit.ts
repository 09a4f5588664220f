import type { Clock } from './clock.ts';

/** Why something was ended before it was done. */
export class Cut extends Error {
  readonly code: 'aborted' | 'deadline' | 'timeout';

  constructor(code: Cut['code'], reason?: unknown) {
    super(code, { cause: reason });
    this.code = code;
  }
}

export interface Limit {
  readonly clock: Clock;
  /** Ends it from outside. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until it is ended; no limit when left out. */
  readonly milliseconds?: number | undefined;
  readonly code: 'deadline' | 'timeout';
}

const cutOf = (signal: AbortSignal) =>
  signal.reason instanceof Cut ? signal.reason : new Cut('aborted', signal.reason);

/**
 * Runs something until it is done, the time is up or the signal aborts, whichever comes first; then throws a
 * {@link Cut} even if what runs takes no notice of the signal that it is given.
 */
export async function within<T>(limit: Limit, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, signal: outer, milliseconds, code } = limit;
  if (outer?.aborted) throw cutOf(outer);
  const inner = new AbortController();
  const onAbort = () => inner.abort(outer && cutOf(outer));
  outer?.addEventListener('abort', onAbort);
  const cancelTimer =
    milliseconds === undefined ? undefined : clock.after(milliseconds, () => inner.abort(new Cut(code)));
  try {
    return await Promise.race([run(inner.signal), aborted(inner.signal)]);
  } catch (error) {
    // A fetch that heeds its signal may be first to reject, with an error of its own making.
    throw inner.signal.aborted ? cutOf(inner.signal) : error;
  } finally {
    cancelTimer?.();
    outer?.removeEventListener('abort', onAbort);
  }
}

/** Rejects as soon as the signal aborts. */
export const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

/** Waits so long, or throws a {@link Cut} as soon as the signal aborts. */
export function sleep(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cutOf(signal));
    const onAbort = () => {
      cancel();
      reject(cutOf(signal));
    };
    const cancel = clock.after(milliseconds, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
