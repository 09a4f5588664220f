import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Verdict } from './verdict.ts';

export interface SizeBudget {
  readonly name: string;
  /** The program whose bundle is measured. */
  readonly program: string;
  /** Largest size that passes, in kB (1000 bytes). */
  readonly limit: number;
}

export const sizeBudgets: readonly SizeBudget[] = [
  {
    name: 'core',
    program: `import { createClient } from '@gpu-clouds/core'; globalThis.createClient = createClient;`,
    limit: 10,
  },
  {
    name: 'core + verda, one method',
    program: `import { createVerda } from '@gpu-clouds/verda'; console.log(await createVerda().listInstances());`,
    limit: 12,
  },
];

/** How sizes are measured, for the report. */
export const measure = 'kB, bundled into one file for browsers by esbuild, minified, gzip -9';

/**
 * Returns the size of a program in kB, bundled into one file for browsers, minified, and gzipped.
 * @param folder where packages are looked up
 */
export async function bundleSize(program: string, folder: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: folder, sourcefile: 'entry.js', loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    absWorkingDir: folder,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
  });
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000;
}

/** Compares a measured size with its budget. */
export function sizeVerdict({ name, limit }: SizeBudget, size: number): Verdict {
  return { ok: size <= limit, text: `${name} ${size.toFixed(2)} of ${limit}` };
}
