import { defineConfig, mergeConfig } from 'vitest/config';
import usual from '../../vitest.config.ts';

/** For recording only; what was recorded is replayed by `test/replay.test.ts`. */
export default mergeConfig(
  usual,
  defineConfig({ test: { include: ['test/histories/record.ts'], reporters: ['default'], root: '.' } }),
);
