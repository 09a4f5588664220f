/** Code that decides, and the tests that have to notice a change in it. */
export interface Module {
  readonly folder: string;
  /** Files below the folder. */
  readonly mutate: readonly string[];
  /** Patterns of test files below the folder. */
  readonly tests: readonly string[];
}

/** By their names. Each has the tests of its package that need no Temporal server. */
export const modules: ReadonlyMap<string, Module> = new Map<string, Module>([
  [
    'names',
    {
      folder: 'packages/clouds',
      mutate: ['src/instance-name.ts', 'src/find-by-name.ts'],
      tests: ['src/{instance-name,find-by-name}.test.ts'],
    },
  ],
  [
    'gone',
    {
      folder: 'packages/clouds',
      mutate: ['src/absence.ts', 'src/account-watch.ts', 'src/teardown.ts'],
      tests: ['src/{absence,account-watch,teardown}.test.ts'],
    },
  ],
  [
    'reap',
    {
      folder: 'packages/jobs',
      mutate: ['src/reap/reap-decision.ts', 'src/reap/owner-state.ts', 'src/reap/reap.ts'],
      tests: ['src/reap/*.test.ts'],
    },
  ],
  [
    'prices',
    {
      folder: 'packages/clouds',
      mutate: ['src/price-per-hour.ts', 'src/rank-offers.ts'],
      tests: ['src/{rank-offers,price-per-hour}.test.ts'],
    },
  ],
  [
    'caps',
    {
      folder: 'workflows',
      mutate: ['src/workflows/lease-time.ts', 'src/workflows/run-caps.ts', 'src/activities/price-changes.ts'],
      tests: ['src/workflows/{lease-time,run-caps}.test.ts', 'src/activities/price-changes.test.ts'],
    },
  ],
  [
    'costs',
    {
      folder: 'packages/jobs',
      mutate: ['src/job-status.ts', 'src/client/cost-parts.ts'],
      tests: ['src/job-status.test.ts', 'src/client/cost-parts.test.ts'],
    },
  ],
  [
    'budget',
    { folder: 'packages/jobs', mutate: ['src/budget/budget-ledger.ts'], tests: ['src/budget/budget-ledger.test.ts'] },
  ],
  [
    'leases',
    {
      folder: 'packages/jobs',
      mutate: ['src/lease/lease-queue.ts', 'src/lease/lease-fit.ts'],
      tests: ['src/lease/*.test.ts'],
    },
  ],
  [
    'failures',
    {
      folder: 'packages/clouds',
      mutate: ['src/failure-rules.ts', 'src/cloud-error.ts'],
      tests: ['src/{failure-rules,cloud-error}.test.ts'],
    },
  ],
  [
    'policy',
    {
      folder: 'workflows',
      mutate: [
        'src/final-failure.ts',
        'src/activities/failures.ts',
        'src/workflows/failure-summary.ts',
        'src/workflows/offer-memory.ts',
      ],
      tests: ['src/activities/failures.test.ts', 'src/workflows/{failure-summary,offer-memory}.test.ts'],
    },
  ],
  [
    'retries',
    {
      folder: 'packages/core',
      mutate: ['src/retry.ts', 'src/retry-budget.ts', 'src/attempt.ts', 'src/transport.ts'],
      tests: [
        'src/{transport,retry,retry-budget,hooks,create-client,authentication,call-options,oauth2-client-credentials}.test.ts',
      ],
    },
  ],
  [
    'limiter',
    {
      folder: 'packages/core',
      mutate: [
        'src/rate-limiter.ts',
        'src/account-limiter.ts',
        'src/limit-state.ts',
        'src/token-bucket.ts',
        'src/window.ts',
      ],
      tests: ['src/{window,rate-limiter,account-limiter}.test.ts'],
    },
  ],
  [
    'redaction',
    {
      folder: 'packages/core',
      mutate: ['src/redact.ts'],
      tests: ['src/redact.test.ts'],
    },
  ],
  [
    'adoption',
    {
      folder: 'workflows',
      mutate: ['src/activities/adoption.ts'],
      tests: ['src/activities/adoption.test.ts'],
    },
  ],
  [
    'protocol',
    {
      folder: 'workflows',
      mutate: ['framing', 'step-end', 'bounded-bytes', 'gpu-readings', 'transfer-reports'].map(
        (name) => `src/ssh/${name}.ts`,
      ),
      tests: ['src/ssh/{framing,step-end,bounded-bytes,gpu-readings,transfer-reports}.test.ts'],
    },
  ],
  [
    'masks',
    {
      folder: 'workflows',
      mutate: ['src/ssh/secret-mask.ts'],
      tests: ['src/ssh/secret-mask.test.ts'],
    },
  ],
]);
