import { parse, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import type { Verdict } from './verdict.ts';

export interface SizeBudget {
  readonly name: string;
  /** The program whose bundle is measured. */
  readonly program: string;
  /** kB (1000 bytes) that have to be loaded before the program can run. More than this fails. */
  readonly limit: number;
}

export const sizeBudgets: readonly SizeBudget[] = [
  {
    name: 'core',
    program: `import { createClient } from '@gpu-clouds/core'; globalThis.createClient = createClient;`,
    limit: 6,
  },
  {
    name: 'core + verda, one method',
    program: `import { createVerda } from '@gpu-clouds/verda'; console.log(await createVerda().listInstances());`,
    limit: 8,
  },
];

/** How sizes are measured, for whoever reads them. */
export const measure = 'kB, bundled for browsers by esbuild, minified, gzip -9; parts loaded later do not count';

export interface BundleSize {
  /** kB that a page loads before the program can run. */
  readonly initial: number;
  /** kB of each part that is loaded when it is first needed, by the name of its module. */
  readonly later: Readonly<Record<string, number>>;
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
  const sizes = outputFiles.map(({ path, contents }) => {
    const name = relative(folder, path);
    return { name, kB: gzipSync(contents, { level: 9 }).length / 1000 };
  });
  const [first, later] = [true, false].map((wanted) => sizes.filter(({ name }) => initial.has(name) === wanted));
  return {
    initial: (first ?? []).reduce((sum, { kB }) => sum + kB, 0),
    later: Object.fromEntries((later ?? []).map(({ name, kB }) => [moduleOf(metafile.outputs[name]), kB])),
  };
}

/** The module that a part is there for: the one that is imported, or the largest of what others share. */
function moduleOf(output: Metafile['outputs'][string] | undefined): string {
  const { entryPoint, inputs = {} } = output ?? {};
  const [largest] = Object.entries(inputs).sort(([, one], [, other]) => other.bytesInOutput - one.bytesInOutput);
  return parse(entryPoint ?? largest?.[0] ?? '').name;
}

/** What to say of a measured size, and whether it is within its limit. */
export function sizeVerdict({ name, limit }: SizeBudget, { initial, later }: BundleSize): Verdict {
  const parts = Object.entries(later).map(([part, kB]) => `${part} ${kB.toFixed(2)}`);
  const more = parts.length > 0 ? `, later ${parts.join(', ')}` : '';
  return { ok: initial <= limit, text: `${name} ${initial.toFixed(2)} of ${limit}${more}` };
}
