import type { ViteUserConfig } from 'vitest/config';
import { withSlowTests } from '../vitest.shared.ts';

/** What `pnpm test` leaves out. It keeps at least one file for each promise. */
const slow = [
  'test/openssh/**/*.test.ts',
  'test/memory/**/*.test.ts',
  ...[
    ...['alternatives', 'batch', 'batch-on-clouds', 'budget', 'checkpoint', 'codec', 'container'],
    ...['idle-gpu', 'idle-lease', 'job-deployment', 'kill-worker', 'lease', 'nodes'],
    ...['notify', 'on-lease', 'on-the-instance', 'plain-node', 'plugin', 'preemption', 'retry-on-failure', 'schedule'],
    ...['simulators', 'stop', 'tracing', 'versioning'],
  ].map((name) => `test/${name}.test.ts`),
];

/** What takes too long for every change. Chaos kills workers at any step for each change too. */
const nightly = ['budget-scale', 'kill-deployments', 'kill-phases', 'uncached'].map((name) => `test/${name}.test.ts`);

/** For all files. */
export const own: ViteUserConfig = {
  test: {
    globalSetup: './test/bundle-once.ts',
    // Each file with workflows has a Temporal server of its own and mostly waits: more at a time than there are cores, but not all.
    maxWorkers: 4,
    // Above the limit of `until`, which says what did not come. At the end of a file all its histories are replayed.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 150_000 } },
  },
};

// The tests of S3 have a server of their own: `pnpm test:s3`.
export default withSlowTests(slow, own, ['test/s3/**'], nightly);
