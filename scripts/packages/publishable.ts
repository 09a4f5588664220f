import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Root folder of the repository. */
export const root = join(import.meta.dirname, '../..');

export interface Publishable {
  readonly name: string;
  readonly version: string;
  /** Absolute path. */
  readonly folder: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
}

/** Finds the packages of a checkout that are published. Returns them by name. */
export function publishablePackages(checkout: string): readonly Publishable[] {
  return globSync('{packages/*,workflows}/package.json', { cwd: checkout })
    .sort()
    .map((file) => ({ file, manifest: JSON.parse(readFileSync(join(checkout, file), 'utf8')) as Manifest }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ file, manifest: { name, version } }) => ({ name, version, folder: join(checkout, dirname(file)) }));
}
