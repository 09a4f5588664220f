import type { GpuSample } from './gpu-samples.ts';

/** Milliseconds. Between samples that are further apart, nobody knows what the GPUs did. Six times the pace of the samples. */
const longestGapMs = 90_000;

/** Percentage below which a GPU counts as idle, unless the job says otherwise. */
export const defaultIdleBelow = 5;

/** What the samples of a node say about its idle time. */
export interface Idleness {
  /** Seconds that all GPUs were idle, by the name of the instance that was the node. Empty if there are no samples. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Since when all GPUs have been idle without a gap in the samples, in milliseconds since the epoch. Absent if they are not. */
  readonly since?: number | undefined;
  /** When the last sample was taken, in milliseconds since the epoch. */
  readonly last?: number | undefined;
  /** The instance of the last sample. */
  readonly instanceName?: string | undefined;
}

/** The idleness of a node without samples. */
export const noIdleness: Idleness = { seconds: {} };

/**
 * Returns the idleness after one more sample. Time counts as idle between two samples in a row of one instance that are both idle and not too
 * far apart, so gaps are not idleness. A sample that lacks the utilization of a GPU is not idle.
 * @param below Percentage.
 */
export function withSample(before: Idleness, { at, instanceName, gpus }: GpuSample, below: number): Idleness {
  const now = Date.parse(at);
  const idle = gpus.length > 0 && gpus.every(({ utilization }) => utilization !== undefined && utilization < below);
  const gap = now - (before.last ?? Number.NEGATIVE_INFINITY);
  const follows = before.instanceName === instanceName && gap >= 0 && gap <= longestGapMs;
  const since = idle ? ((follows ? before.since : undefined) ?? now) : undefined;
  const added = idle && follows && before.since !== undefined ? gap / 1000 : 0;
  const seconds = { ...before.seconds, [instanceName]: (before.seconds[instanceName] ?? 0) + added };
  return { seconds, since, last: now, instanceName };
}

/** Returns for how many seconds all GPUs have been idle, up to the last sample. */
export function idleSeconds({ since, last }: Idleness): number {
  return since === undefined || last === undefined ? 0 : (last - since) / 1000;
}
