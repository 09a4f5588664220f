// Sets up the Git hooks of lefthook.yml. `pnpm install` runs this as `prepare`, so it must never fail an install: without hooks,
// as in CI, from a tarball, or where Git's configuration forbids them, everything else works.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const lefthook = 'node_modules/lefthook/bin/index.js';
if (!process.env.CI && existsSync('.git') && existsSync(lefthook)) {
  const { status } = spawnSync(process.execPath, [lefthook, 'install'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) console.warn('The Git hooks are not set up. Run "pnpm exec lefthook install" to see why.');
}
