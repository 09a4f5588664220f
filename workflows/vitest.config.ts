import { configDefaults, defineConfig, mergeConfig } from 'vitest/config';
import { shared } from '../vitest.shared.ts';

export default mergeConfig(
  shared,
  // Each file with workflows has a Temporal server of its own and mostly waits: more at a time than there are cores, but not all.
  defineConfig({
    test: {
      globalSetup: './test/bundle-once.ts',
      // Has a server of its own: `pnpm test:s3`.
      exclude: [...configDefaults.exclude, 'test/s3/**'],
      maxWorkers: 4,
      // Above the limit of `until`, which says what did not come. At the end of a file all its histories are replayed.
      testTimeout: 180_000,
      hookTimeout: 180_000,
      expect: { poll: { timeout: 150_000 } },
    },
  }),
);
