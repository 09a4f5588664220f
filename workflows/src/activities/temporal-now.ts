import { Context } from '@temporalio/activity';

/** When each running activity was first asked for the time, by the clock that only counts on. */
const begins = new WeakMap<Context, number>();

/**
 * Returns the time in whole milliseconds since the epoch by Temporal's clock, which workflows go by too: the clock of a worker may be hours off.
 * It counts from when the attempt was scheduled, so it is behind by as long as the attempt waited for a worker.
 */
export function temporalNow(): number {
  const context = Context.current();
  const begin = begins.get(context) ?? performance.now();
  begins.set(context, begin);
  return Math.round(context.info.currentAttemptScheduledTimestampMs + (performance.now() - begin));
}
