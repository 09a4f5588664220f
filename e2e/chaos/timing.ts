/**
 * Of the workers: as short as a slow machine allows. `consistencyWindowMs` is longer than any list lags in a plan. With
 * `pollIntervalMs` two workers stay below Verda's 120 lists a minute. The two timeouts are how long an instance that is lost for good delays a run.
 */
export const timing = {
  consistencyWindowMs: 8000,
  pollIntervalMs: 1500,
  watchIntervalMs: 1500,
  bootTimeoutMs: 40_000,
  unreachableTimeoutMs: 20_000,
};
