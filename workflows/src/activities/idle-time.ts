import type { InstanceUse } from '../ssh/instance-use.ts';
import type { IdleTime } from './contract.ts';

/** Percent up to which a GPU is idle. */
const mostUtilization = 2;
/** Load average from which an instance is in use. */
const leastLoadPerCore = 0.2;
/** Milliseconds. Between polls that are further apart, nobody knows what happened. Three times the usual pace. */
const longestGapMs = 90_000;

/**
 * Returns the time without use after one more poll.
 * @param use Undefined if the instance could not be asked, or did not say everything. Such an instance is not idle.
 * @returns Undefined if the instance is in use.
 */
export function idleTimeAfter(
  before: IdleTime | undefined,
  use: InstanceUse | undefined,
  now: number,
): IdleTime | undefined {
  if (use === undefined || isInUse(use)) return undefined;
  const gap = before === undefined ? Number.POSITIVE_INFINITY : now - before.last;
  const follows = gap >= 0 && gap <= longestGapMs;
  return { since: follows ? (before?.since ?? now) : now, last: now };
}

/** Returns the length of a time without use in seconds. */
export function idleSeconds({ since, last }: IdleTime): number {
  return (last - since) / 1000;
}

function isInUse({ logins, gpus, loadPerCore }: InstanceUse): boolean {
  const isBusy = (utilization = Number.POSITIVE_INFINITY) => utilization > mostUtilization;
  return logins > 0 || gpus.some(isBusy) || loadPerCore >= leastLoadPerCore;
}
