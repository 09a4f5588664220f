import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';
import type { Tarball } from './tarball.ts';

/** A project outside this repository that uses only the published packages. */
export interface EmptyProject {
  readonly folder: string;
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
}

type Dependencies = Readonly<Record<string, string>>;

export interface EmptyProjectOptions {
  readonly dependencies: Dependencies;
  /** Versions of indirect dependencies, wherever they occur. */
  readonly overrides?: Dependencies;
  /** Programs to copy into the project. */
  readonly programs?: string;
  /** Reuses an earlier installation with the same dependencies. */
  readonly keep?: boolean;
  /** Content of its `.npmrc`. */
  readonly npmrc?: string;
}

/** Creates the project in `folder` and installs its dependencies with npm. */
export async function makeEmptyProject(folder: string, options: EmptyProjectOptions): Promise<EmptyProject> {
  const { dependencies, overrides = {}, programs, npmrc, keep = false } = options;
  mkdirSync(folder, { recursive: true });
  const manifest = { name: 'empty-project', private: true, type: 'module', dependencies, overrides };
  const text = JSON.stringify(manifest, null, 2);
  const installed = join(folder, 'installed.json');
  const same = keep && existsSync(installed) && readFileSync(installed, 'utf8') === text;
  writeFileSync(join(folder, 'package.json'), text);
  if (npmrc !== undefined) writeFileSync(join(folder, '.npmrc'), npmrc);
  if (programs !== undefined) {
    for (const name of readdirSync(programs)) cpSync(join(programs, name), join(folder, name), { recursive: true });
  }
  const bin = join(folder, 'node_modules/.bin');
  const run: EmptyProject['run'] = (command, args, more = {}) =>
    runCommand(command, args, { cwd: folder, env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, ...more } });
  if (same) return { folder, run };
  // Neither the packages of this repository nor their dependencies may need an install script.
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(installed, text);
  return { folder, run };
}

/** Dependencies on the tarballs, for users and for each other. */
export function tarballDependencies(tarballs: readonly Tarball[]) {
  const files = Object.fromEntries(tarballs.map(({ name, file }) => [name, `file:${file}`]));
  return { dependencies: files, overrides: Object.fromEntries(tarballs.map(({ name }) => [name, `$${name}`])) };
}
