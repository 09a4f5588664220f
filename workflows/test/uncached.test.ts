/** A whole run again, with workers that forget every workflow after each task: `pnpm test:uncached` runs all tests so. */
import { vi } from 'vitest';

vi.stubEnv('GPU_CLOUDS_TEST_UNCACHED', '1');
await import('./run-job.test.ts');
