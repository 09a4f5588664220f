import { defineConfig } from 'vitest/config';

/**
 * For Stryker, which works on a copy of the repository: the tests of one module, without the global setup of their package. Each change has a
 * process of its own already, so its test files share one.
 */
export default defineConfig({
  test: { include: process.env.MUTATION_TESTS?.split(' ') ?? [], testTimeout: 60_000, isolate: false },
});
