import { defineConfig, mergeConfig } from 'vitest/config';
import { shared } from '../../../vitest.shared.ts';
import { own } from '../../vitest.config.ts';

/** For recording only; what was recorded is replayed by `test/replay.test.ts`. */
export default mergeConfig(
  mergeConfig(shared, own),
  defineConfig({ test: { include: ['test/histories/record.ts'], reporters: ['default'], root: '.' } }),
);
