// Builds the dashboard: node dashboard/build.ts [FOLDER]. Default: dist/dashboard, which the server serves.
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const maxGzipBytes = 150_000;

/**
 * Bundles the dashboard into a folder that can be served as it is, and returns its gzipped size in bytes.
 * @throws {Error} The files have more than 150 kB together, gzipped.
 */
export async function buildDashboard(folder: string): Promise<number> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: {
      dashboard: join(import.meta.dirname, 'main.tsx'),
      style: join(import.meta.dirname, 'style.css'),
    },
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'eof',
    logLevel: 'warning',
  });
  for (const name of ['index.html', 'icon.svg']) await cp(join(import.meta.dirname, name), join(folder, name));
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
  const size = files.reduce((sum, bytes) => sum + gzipSync(bytes).length, 0);
  if (size > maxGzipBytes) throw new Error(`The dashboard has ${size} bytes gzipped, and may have ${maxGzipBytes}.`);
  return size;
}

if (import.meta.main) {
  const [folder = join(import.meta.dirname, '../dist/dashboard')] = process.argv.slice(2);
  const size = await buildDashboard(folder);
  console.log(`dashboard: ${(size / 1000).toFixed(1)} kB gzipped, at most ${maxGzipBytes / 1000} kB`);
}
