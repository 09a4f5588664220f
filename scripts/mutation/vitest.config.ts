import { defineConfig } from 'vitest/config';

/**
 * For Stryker, which works on a copy of the repository: the tests of one module, without the global setup of their package. Each change has a
 * process of its own already, so its test files share one. A change that makes a test wait for ever fails it after Vitest's default of 5 s,
 * which is sooner than Stryker would start a new process.
 */
export default defineConfig({
  test: { include: process.env.MUTATION_TESTS?.split(' ') ?? [], isolate: false },
});
