/**
 * Timing of the workers, as short as a slow computer allows. `consistencyWindowMs` is longer than any list lag in a plan. With
 * `pollIntervalMs`, two workers stay below Verda's limit of 120 lists per minute. A permanently lost instance delays a run by the two timeouts.
 */
export const timing = {
  consistencyWindowMs: 8000,
  pollIntervalMs: 1500,
  watchIntervalMs: 2500,
  bootTimeoutMs: 40_000,
  unreachableTimeoutMs: 20_000,
  // Each look starts four processes on this computer.
  followPollMs: 2000,
};
