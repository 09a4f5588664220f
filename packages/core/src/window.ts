import { createBlock, type LimitState, probeAfterMs, type RateLimitInfo } from './limit-state.ts';

/**
 * Creates the state of a limit whose windows start with the first request after the previous window. The client does not
 * know exactly when the vendor received that request, so it tracks the earliest and the latest possible end. No request
 * goes in a new window before the latest end of the old one. A request that may have arrived after the earliest end counts
 * in both windows. A request can therefore be late, but there are never too many.
 * @param documentedMs length of a window in the vendor's document, in milliseconds
 */
export function createWindow(name: string, documentedQuota: number, documentedMs: number): LimitState {
  const block = createBlock();
  let quota = documentedQuota;
  let windowMs = documentedMs;
  let used = 0;
  let pending = 0;
  /** Identifies the current window. */
  let number = 0;
  let earliestEnd = Number.POSITIVE_INFINITY;
  let latestEnd = 0;
  /** When the requests of this window were over. */
  let ends: number[] = [];

  const maybeInNext = () => pending + ends.filter((at) => at > earliestEnd).length;

  function begin(earliest: number, latest: number): void {
    used = maybeInNext();
    ends = [];
    number += 1;
    earliestEnd = earliest;
    latestEnd = latest;
  }

  function renew(now: number): void {
    if (now < latestEnd) return;
    begin(maybeInNext() > 0 ? earliestEnd + windowMs : Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  function learn(sent: number, now: number, info: RateLimitInfo): void {
    const { windowSeconds = 0, remaining, resetSeconds } = info;
    quota = Math.max(1, info.quota ?? quota);
    if (windowSeconds > 0) windowMs = Math.min(Math.max(documentedMs, probeAfterMs), windowSeconds * 1000);
    if (resetSeconds !== undefined) {
      const restMs = Math.min(windowMs, resetSeconds * 1000);
      if (sent + restMs - 1000 >= latestEnd) begin(sent + restMs - 1000, now + restMs);
      earliestEnd = Math.max(earliestEnd, sent + restMs - 1000);
      latestEnd = Math.min(latestEnd, now + restMs);
    }
    if (remaining !== undefined) used = Math.max(used, quota - remaining);
  }

  return {
    name,
    block,
    waitMs(now) {
      renew(now);
      if (used < quota) return 0;
      // No pending request could start a later window than one that starts now.
      if (pending === 0) latestEnd = Math.min(latestEnd, now + windowMs);
      return latestEnd - now;
    },
    take(now) {
      renew(now);
      used += 1;
      pending += 1;
      earliestEnd = Math.min(earliestEnd, now + windowMs);
      const mine = number;
      return (ended, info) => {
        pending -= 1;
        ends.push(ended);
        if (mine !== number) return;
        latestEnd = Math.min(latestEnd, ended + windowMs);
        if (info) learn(now, ended, info);
      };
    },
    isIdle: (now) => pending === 0 && block.leftMs(now) === 0 && (used === 0 || now >= latestEnd),
  };
}
