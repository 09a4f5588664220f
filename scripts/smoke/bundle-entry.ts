import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles an entry of the smoke test with all its imports into one ES module. */
export async function bundleEntry(folder: string, entry: string, conditions: readonly string[]): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, entry)],
    conditions: [...conditions],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
  });
  return outputFiles.map(({ text }) => text).join('');
}
