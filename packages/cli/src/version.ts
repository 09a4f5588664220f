import { readFileSync } from 'node:fs';

/** Reads the version of this package, whose package.json is beside both `src` and `dist`. */
export function ownVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return version;
}
