import type { ViteUserConfig } from 'vitest/config';
import { withSlowTests } from '../vitest.shared.ts';

/** What `pnpm test` leaves out. It keeps at least one file for each promise. */
const slow = [
  'test/openssh/**/*.test.ts',
  'test/memory/**/*.test.ts',
  ...[
    ...['alternatives', 'batch', 'batch-on-clouds', 'budget', 'budget-scale', 'checkpoint', 'codec', 'container'],
    ...['idle-gpu', 'idle-lease', 'job-deployment', 'kill-deployments', 'kill-phases', 'kill-worker', 'lease', 'nodes'],
    ...['notify', 'on-lease', 'on-the-instance', 'plain-node', 'plugin', 'preemption', 'retry-on-failure', 'schedule'],
    ...['simulators', 'stop', 'tracing', 'uncached', 'versioning'],
  ].map((name) => `test/${name}.test.ts`),
];

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
export default withSlowTests(slow, own, ['test/s3/**']);
