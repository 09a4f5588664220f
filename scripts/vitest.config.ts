import { configDefaults, defineConfig, mergeConfig } from 'vitest/config';
import { shared } from '../vitest.shared.ts';

// What is copied is compiled and tested where it is copied to.
const copied = ['new-vendor/templates/**', 'new-vendor/__fixtures__/**'];

export default mergeConfig(shared, defineConfig({ test: { exclude: [...configDefaults.exclude, ...copied] } }));
