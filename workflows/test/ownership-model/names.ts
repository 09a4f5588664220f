import { formatInstanceName, parseInstanceName } from '@gpu-clouds/clouds/pure';

/** Milliseconds of one step of time: the poll interval, and the resolution of a deadline in a name. */
export const tickMs = 60_000;
const start = Date.UTC(2026, 0, 1);

/** Milliseconds since the epoch. */
export const timeOf = (tick: number): number => start + tick * tickMs;

export const fleet = 'ours';
/** Ticks. */
export const [mustEndByTick, deadlineTick, graceTicks, windowTicks] = [60, 90, 2, 2];
export const rules = { consistencyWindowMs: windowTicks * tickMs, pollIntervalMs: tickMs };

const nameIn = (ofFleet: string, ordinal: number, tick: number) =>
  formatInstanceName({ fleet: ofFleet, run: 'a', ordinal, deadline: timeOf(tick) });

/** The instance names of the run, in the order in which it fails over. */
export const ownNames = [nameIn(fleet, 1, deadlineTick), nameIn(fleet, 2, deadlineTick)] as const;
/** Another node of the same run, in use for long, whose name begins with the ID of the first owner. */
export const neighbor = nameIn(fleet, 10, 10 * deadlineTick);
/** Another fleet's instance, overdue from the first tick on. */
export const foreign = nameIn('other', 1, 0);
/** A name that somebody gave by hand. */
export const byHand = 'training-box';

/** The run that an instance name is for. */
export function runOf(name: string): string {
  return parseInstanceName(name)?.run ?? '';
}
