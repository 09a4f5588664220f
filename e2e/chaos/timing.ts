/**
 * Of the workers: as short as a slow machine allows. `settle` is longer than any list lags in a plan; `poll` is such that two workers
 * stay below Verda's 120 lists a minute; `boot` and `unreachable` are how long a machine that is lost for good holds up a run.
 */
export const timing = { settle: 8000, poll: 1500, watch: 1500, boot: 40_000, unreachable: 20_000 };
