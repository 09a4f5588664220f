import type { ViteUserConfig } from 'vitest/config';

/** What every package's vitest.config.ts starts from: readable output, and a results file that `pnpm test` adds up. */
export const shared: ViteUserConfig = {
  test: {
    reporters: ['default', 'json'],
    outputFile: { json: '.vitest/results.json' },
    // For what hangs, not for what is slow: a busy machine is no reason to fail.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // For conditions that a busy machine meets late.
    expect: { poll: { timeout: 50_000 } },
  },
};
