import { withSlowTests } from '../../vitest.shared.ts';

// The tests on the local stack share two cores with those of the workflows.
export default withSlowTests(['test/**/*.test.ts'], {
  // They mostly wait.
  test: { maxWorkers: 3, testTimeout: 180_000, expect: { poll: { timeout: 150_000 } } },
});
