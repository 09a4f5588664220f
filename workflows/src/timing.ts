/** Timeouts and intervals of activities, in milliseconds. */
export interface Timing {
  /** How long a cloud's list may lag behind a create. Until then, an unlisted instance may still exist. Default 90,000 (90 s). */
  readonly consistencyWindowMs: number;
  /** Interval between polls of something that is about to change. Default 3,000 (3 s). */
  readonly pollIntervalMs: number;
  /** Interval between polls that check that an instance in use still exists. Default 15,000 (15 s). */
  readonly watchIntervalMs: number;
  /** Maximum time from the create call until SSH answers. Default 20 minutes: GPU.ai alone may allocate for up to 15. */
  readonly bootTimeoutMs: number;
  /** Maximum time that SSH to an instance in use may fail before the instance is treated as lost. Default 15 minutes. */
  readonly unreachableTimeoutMs: number;
  /** Interval between looks at a command that runs on an instance, for its output and its end. Default 200. */
  readonly followPollMs: number;
  /** Interval between samples of the GPUs while a command runs. Default 15,000 (15 s). */
  readonly gpuSampleMs: number;
  /** Interval between polls of the use of a lease that ends when it is idle. Default 30,000 (30 s). */
  readonly idlePollMs: number;
  /** First pause between two polls for an offer that no cloud has yet. Pauses grow by half. Default 60,000 (60 s). */
  readonly offerPauseMs: number;
  /** Longest pause between two polls for an offer. Default 15 minutes. */
  readonly longestOfferPauseMs: number;
  /**
   * First pause before an instance tries again to download or send a file, as long as nothing of it comes through. Default 1,000 (1 s). The
   * five further pauses are 2, 5, 10, 30, and 60 times as long.
   */
  readonly transferPauseMs: number;
}

export const defaultTiming: Timing = {
  consistencyWindowMs: 90_000,
  pollIntervalMs: 3000,
  watchIntervalMs: 15_000,
  bootTimeoutMs: 20 * 60_000,
  unreachableTimeoutMs: 15 * 60_000,
  followPollMs: 200,
  gpuSampleMs: 15_000,
  idlePollMs: 30_000,
  offerPauseMs: 60_000,
  longestOfferPauseMs: 15 * 60_000,
  transferPauseMs: 1000,
};
