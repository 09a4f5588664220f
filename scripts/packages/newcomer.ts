import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeEmptyProject } from './empty-project.ts';
import { root } from './publishable.ts';
import type { Tarball } from './tarball.ts';
import type { Verdict } from './verdict.ts';

const heading = '## A first call in five lines';

export interface FirstCall {
  /** Packages that the `npm install` line names. */
  readonly packages: readonly string[];
  readonly program: string;
  /** Number of lines that are not empty, including the install. */
  readonly lines: number;
}

/** Reads an `npm install` and a program from the README section about the first call. */
export function firstCallOf(readme: string): FirstCall {
  const section = readme.split(`\n${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const [install = '', program = ''] = [...section.matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, code]) => code);
  const [, names] = /^npm install (.+)\n$/.exec(install) ?? [];
  if (names === undefined || program === '') {
    throw new Error(`README.md must show an npm install and a program under "${heading}".`);
  }
  const lines = `${install}${program}`.split('\n').filter((line) => line.trim() !== '').length;
  return { packages: names.split(' '), program, lines };
}

/** Follows README.md as a newcomer would: installs the packages with npm in an empty folder and runs the program. */
export async function followNewcomer(tarballs: readonly Tarball[], folder: string): Promise<Verdict> {
  const { packages, program, lines } = firstCallOf(readFileSync(join(root, 'README.md'), 'utf8'));
  if (lines > 5) return { ok: false, text: `README.md needs ${lines} lines for a first call, not five` };
  const files = tarballs.map(({ name, file }) => [name, `file:${file}`] as const);
  const named = (wanted: boolean) => Object.fromEntries(files.filter(([name]) => packages.includes(name) === wanted));
  const project = await makeEmptyProject(folder, { dependencies: named(true), overrides: named(false) });
  writeFileSync(join(folder, 'first-call.mjs'), program);
  const output = await project.run('node', ['first-call.mjs']);
  const ok = packages.length === Object.keys(named(true)).length && output.trim() !== '';
  return {
    ok,
    text: `${lines} lines of README.md, from npm install to ${output.trim().replace(/\s+/g, ' ') || 'nothing'}`,
  };
}
