/**
 * Runs other OpenAPI generators on the four patched documents: `node scripts/other-generators.ts [--required] [GENERATOR…]`.
 * A generator that cannot be installed is skipped with a message. With `--required`, that is a failure.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vendors } from './generate/vendors.ts';
import { type Generator, generators } from './other-generators/generators.ts';

const required = process.argv.includes('--required');
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const documentOf = (vendor: string) => fileURLToPath(new URL(`../specs/${vendor}/openapi.yaml`, import.meta.url));

/** Returns false if the generator fails on a document. */
async function tryGenerator({ name, install, run }: Generator, root: string): Promise<boolean> {
  const folder = join(root, name);
  await mkdir(folder);
  try {
    await install(folder);
  } catch (error) {
    console.log(`${name}: skipped, it cannot be installed here.\n${messageOf(error)}`);
    return !required;
  }
  const failed: string[] = [];
  for (const { vendor } of vendors) {
    const out = join(folder, 'out', vendor);
    try {
      await run(folder, documentOf(vendor), out);
      if ((await readdir(out)).length === 0) throw new Error('It generated nothing.');
    } catch (error) {
      failed.push(vendor);
      console.log(`${name} fails on the document of ${vendor}.\n${messageOf(error)}`);
    }
  }
  const passed = vendors.length - failed.length;
  console.log(`${name}: ${passed} of ${vendors.length} documents`);
  return failed.length === 0;
}

const wanted = process.argv.slice(2).filter((argument) => argument !== '--required');
const unknown = wanted.filter((name) => !generators.some((generator) => generator.name === name));
const known = generators.map(({ name }) => name);
if (unknown.length > 0) {
  console.error(`Unknown generator "${unknown[0]}". Known: ${known.join(', ')}.`);
  process.exit(2);
}
const root = await mkdtemp(join(tmpdir(), 'other-generators-'));
try {
  for (const generator of generators) {
    if (wanted.length > 0 && !wanted.includes(generator.name)) continue;
    if (!(await tryGenerator(generator, root))) process.exitCode = 1;
  }
} finally {
  await rm(root, { recursive: true, force: true });
}
