import type { ViteUserConfig } from 'vitest/config';

/** What every package's vitest.config.ts starts from: readable output, and a results file that `pnpm test` adds up. */
export const shared: ViteUserConfig = {
  test: {
    reporters: ['default', 'json'],
    outputFile: { json: '.vitest/results.json' },
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
};
