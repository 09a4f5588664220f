import { relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Verdict } from './verdict.ts';

export interface SizeBudget {
  readonly name: string;
  /** The program whose bundle is measured. */
  readonly program: string;
  /** kB (1000 bytes), minified and gzipped, that have to be loaded first. More than this fails. */
  readonly limit: number;
  /** kB. What it is meant to be. */
  readonly goal: number;
}

/** A limit is what there is now and a little more; when a bundle has become smaller, lower it, down to the goal. */
export const sizeBudgets: readonly SizeBudget[] = [
  {
    name: 'core',
    program: `import { createClient } from '@gpu-clouds/core'; globalThis.createClient = createClient;`,
    limit: 6.8,
    goal: 6,
  },
  {
    name: 'core + verda, one method',
    program: `import { createVerda } from '@gpu-clouds/verda'; console.log(await createVerda().listInstances());`,
    limit: 11,
    goal: 8,
  },
];

export interface BundleSize {
  /** kB that a page loads before the program can run. */
  readonly initial: number;
  /** kB that are loaded when they are first needed. */
  readonly later: number;
}

/** Size of a program, bundled for browsers, minified and gzipped. Packages are looked up from `folder`. */
export async function bundleSize(program: string, folder: string): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: folder, sourcefile: 'entry.js', loader: 'js' },
    ...{
      bundle: true,
      splitting: true,
      minify: true,
      write: false,
      metafile: true,
      outdir: folder,
      absWorkingDir: folder,
    },
    ...{ format: 'esm', platform: 'browser', target: 'es2023' },
  });
  const initial = new Set<string>();
  const load = (path: string) => {
    if (initial.has(path)) return;
    initial.add(path);
    for (const { path: imported, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kind === 'import-statement') load(imported);
    }
  };
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) if (entryPoint === 'entry.js') load(path);
  const size = (wanted: boolean) =>
    outputFiles
      .filter(({ path }) => initial.has(relative(folder, path)) === wanted)
      .reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000;
  return { initial: size(true), later: size(false) };
}

/** What to say of a measured size, and whether it is within its limit. */
export function sizeVerdict({ name, limit, goal }: SizeBudget, { initial, later }: BundleSize): Verdict {
  const more = later > 0 ? ` + ${later.toFixed(2)} on demand` : '';
  const text = `${name} ${initial.toFixed(2)} kB${more} (limit ${limit}${initial > goal ? `, goal ${goal}` : ''})`;
  return { ok: initial <= limit, text };
}
