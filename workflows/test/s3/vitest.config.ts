import { defineConfig } from 'vitest/config';
import { shared } from '../../../vitest.shared.ts';

/** Apart from the other tests: building the server takes a minute, once. */
export default defineConfig({
  test: {
    ...shared.test,
    reporters: ['default'],
    // A thousand objects take their time on a busy machine.
    testTimeout: 240_000,
    root: '.',
    include: ['test/s3/**/*.test.ts'],
    globalSetup: ['./test/s3/server-once.ts', './test/bundle-once.ts'],
  },
});
