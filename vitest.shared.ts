import {
  configDefaults,
  defineConfig,
  mergeConfig,
  type ViteUserConfig,
  type ViteUserConfigFnObject,
} from 'vitest/config';

/** What every package's vitest.config.ts starts from: readable output, and a results file that `pnpm test` adds up. */
export const shared: ViteUserConfig = {
  test: {
    // The files of a package share their modules: loading them takes longer than most tests. So no test may replace a module (`vi.mock`).
    isolate: false,
    reporters: ['default', 'json'],
    outputFile: { json: '.vitest/results.json' },
    // For what hangs, not for what is slow: a busy machine is no reason to fail.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // For conditions that a busy machine meets late.
    expect: { poll: { timeout: 50_000 } },
  },
};

/**
 * Creates the configuration of a package some of whose test files take too long for `pnpm test`. `pnpm test` has the mode `quick` and leaves
 * them out, `pnpm test:slow` has the mode `slow` and runs only them, and `vitest run` runs all.
 * @param slow Patterns of the slow files.
 * @param excluded Patterns of files that are never run.
 * @param nightly Patterns of files that take too long for every change. The mode `nightly` runs only them.
 */
export function withSlowTests(
  slow: readonly string[],
  own: ViteUserConfig = {},
  excluded: readonly string[] = [],
  nightly: readonly string[] = [],
): ViteUserConfigFnObject {
  return defineConfig(({ mode }) => {
    const exclude = [...configDefaults.exclude, ...excluded, ...(mode === 'quick' ? [...slow, ...nightly] : [])];
    return mergeConfig(mergeConfig(mergeConfig(shared, own), ofMode(mode, slow, nightly)), { test: { exclude } });
  });
}

function ofMode(mode: string, slow: readonly string[], nightly: readonly string[]): ViteUserConfig {
  if (mode === 'slow') return { test: { include: [...slow], outputFile: { json: '.vitest/slow-results.json' } } };
  return mode === 'nightly' ? { test: { include: [...nightly] } } : {};
}
