import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

export interface SizeBudget {
  readonly name: string;
  /** The program whose bundle is measured. */
  readonly program: string;
  /** kB (1000 bytes), minified and gzipped. More than this fails. */
  readonly limit: number;
  /** kB. What it is meant to be. */
  readonly goal: number;
}

/** A limit is what there is now and a little more; when a bundle has become smaller, lower it, down to the goal. */
export const sizeBudgets: readonly SizeBudget[] = [
  {
    name: 'core',
    program: `import { createClient } from '@gpu-clouds/core'; globalThis.createClient = createClient;`,
    limit: 8.6,
    goal: 6,
  },
  {
    name: 'core + verda, one method',
    program: `import { createVerda } from '@gpu-clouds/verda'; console.log(await createVerda().listInstances());`,
    limit: 11,
    goal: 8,
  },
];

/** Size in kB of a program, bundled for browsers, minified and gzipped. Packages are looked up from `folder`. */
export async function bundleSize(program: string, folder: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: folder, loader: 'js' },
    ...{ bundle: true, minify: true, write: false, format: 'esm', platform: 'browser', target: 'es2023' },
  });
  const bytes = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  return bytes / 1000;
}

/** What to say of a measured size, and whether it is within its limit. */
export function sizeVerdict({ name, limit, goal }: SizeBudget, size: number): { ok: boolean; text: string } {
  const text = `${name} ${size.toFixed(2)} kB (limit ${limit}${size > goal ? `, goal ${goal}` : ''})`;
  return { ok: size <= limit, text };
}
