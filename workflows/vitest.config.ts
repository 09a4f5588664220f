import { defineConfig, mergeConfig } from 'vitest/config';
import { shared } from '../vitest.shared.ts';

export default mergeConfig(
  shared,
  // Each file with workflows has a Temporal server of its own: one file at a time.
  defineConfig({ test: { globalSetup: './test/bundle-once.ts', fileParallelism: false, testTimeout: 60_000 } }),
);
