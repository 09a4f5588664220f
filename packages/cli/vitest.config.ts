import { defineConfig, mergeConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

export default mergeConfig(
  shared, // Tests on the local stack share two cores with those of the workflows.
  defineConfig({ test: { testTimeout: 180_000, expect: { poll: { timeout: 150_000 } } } }),
);
