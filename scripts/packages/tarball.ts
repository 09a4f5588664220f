import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPackageFromTarballData, type Package } from '@arethetypeswrong/core';
import type { Publishable } from './publishable.ts';
import { runCommand } from './run-command.ts';

/** A packed package, as users download it. */
export interface Tarball {
  readonly name: string;
  readonly version: string;
  /** Absolute path. */
  readonly file: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Packs each package into `destination` as for publishing. */
export async function packAll(packages: readonly Publishable[], destination: string): Promise<readonly Tarball[]> {
  const tarballs: Tarball[] = [];
  for (const { name, version, folder } of packages) {
    await runCommand('pnpm', ['pack', '--pack-destination', destination], { cwd: folder });
    const file = join(destination, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
    tarballs.push({ name, version, file, bytes: new Uint8Array(readFileSync(file)) });
  }
  return tarballs;
}

/** Returns the text files of a tarball by their path in the package. */
export function filesOf(tarball: Tarball): ReadonlyMap<string, string> {
  const unpacked: Package = createPackageFromTarballData(tarball.bytes);
  const prefix = `/node_modules/${unpacked.packageName}/`;
  return new Map(unpacked.listFiles().map((path) => [path.replace(prefix, ''), unpacked.readFile(path)]));
}
