/** How long things take. All in milliseconds. */
export interface Timing {
  /** How long a cloud's list may lag behind a create. Before this has passed, "not listed" does not mean "not there". Default 90 s. */
  readonly consistencyWindowMs: number;
  /** Between two looks at something that is about to change. Default 3 s. */
  readonly pollIntervalMs: number;
  /** Between two looks at an instance in use, for whether it is still there. Default 15 s. */
  readonly watchIntervalMs: number;
  /** How long an instance may take from the create call until SSH answers. Default 20 minutes: GPU.ai alone allocates for up to 15. */
  readonly bootTimeoutMs: number;
  /** How long SSH to an instance in use may be dead before the instance is given up. Default 15 minutes. */
  readonly unreachableTimeoutMs: number;
}

export const defaultTiming: Timing = {
  consistencyWindowMs: 90_000,
  pollIntervalMs: 3000,
  watchIntervalMs: 15_000,
  bootTimeoutMs: 20 * 60_000,
  unreachableTimeoutMs: 15 * 60_000,
};
