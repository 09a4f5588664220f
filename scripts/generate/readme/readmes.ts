import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationTable } from '@gpu-clouds/core';
import type { Overlay } from '@gpu-clouds/openapi-overlay';
import { type GeneratedFile, readIfThere } from '../generated-files.ts';
import { GenerationError } from '../generation-error.ts';
import type { Document } from '../openapi.ts';
import { methodList } from './method-list.ts';
import { unquotedCode, withParts } from './parts.ts';
import { patchList } from './patch-list.ts';
import { quotedCode } from './quoted-code.ts';

/** A vendor package's README: its methods, its patches and the code that it quotes. */
export function vendorReadme(
  root: string,
  { vendor, document, overlay, table }: { vendor: string; document: Document; overlay: Overlay; table: OperationTable },
): Promise<GeneratedFile> {
  return readme(root, `packages/${vendor}/README.md`, (name) => {
    if (name === 'methods') return methodList(document, table);
    return name === 'patches' ? patchList(document, overlay) : undefined;
  });
}

/** The READMEs of the repository and of those packages that are no vendor's: the code that they quote. */
export async function otherReadmes(root: string, vendors: readonly string[]): Promise<GeneratedFile[]> {
  const ofVendors = new Set(vendors.map((vendor) => `packages/${vendor}/README.md`));
  const paths = await Array.fromAsync(
    glob(['README.md', 'packages/*/README.md', 'workflows/README.md'], { cwd: root }),
  );
  const others = paths.map((path) => path.replaceAll('\\', '/')).filter((path) => !ofVendors.has(path));
  return Promise.all(others.sort().map((path) => readme(root, path, () => undefined)));
}

async function readme(root: string, path: string, write: (name: string) => string | undefined): Promise<GeneratedFile> {
  const text = await readIfThere(join(root, path));
  if (text === undefined) throw new GenerationError(`${path} is missing.`);
  const [place] = unquotedCode(text, path);
  if (place !== undefined) {
    throw new GenerationError(
      `${place}: this code is compiled by nobody. Put it into a file of examples/readme and quote that: <!-- generated: code readme/… -->, <!-- /generated -->.`,
    );
  }
  return { path, text: await withParts(text, path, async (name) => write(name) ?? (await quotedCode(root, name))) };
}
