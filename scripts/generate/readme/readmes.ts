import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationTable } from '@gpu-clouds/core';
import { type GeneratedFile, readIfThere } from '../generated-files.ts';
import { GenerationError } from '../generation-error.ts';
import { markdownFile } from '../header.ts';
import type { PatchedDocument } from '../patched-document.ts';
import { failureKinds } from './failure-kinds.ts';
import { methodList } from './method-list.ts';
import { unquotedCode, withParts } from './parts.ts';
import { patchList } from './patch-list.ts';
import { quotedCode } from './quoted-code.ts';

/** Returns the two generated documents of a vendor package: `METHODS.md` and `PATCHES.md`. */
export function vendorDocuments(
  { document, overlay, origin }: Pick<PatchedDocument, 'document' | 'overlay' | 'origin'>,
  table: OperationTable,
): GeneratedFile[] {
  const folder = `packages/${origin.vendor}`;
  return [
    { path: `${folder}/METHODS.md`, text: markdownFile(origin, methodList(origin.vendor, document, table)) },
    { path: `${folder}/PATCHES.md`, text: markdownFile(origin, patchList(document, overlay)) },
  ];
}

/** Returns the repository's hand-written READMEs with the code that they quote and their generated lists. */
export async function readmes(root: string): Promise<GeneratedFile[]> {
  const paths = await Array.fromAsync(
    glob(['README.md', 'packages/*/{README,REFERENCE}.md', 'workflows/README.md'], { cwd: root }),
  );
  return Promise.all(
    paths
      .map((path) => path.replaceAll('\\', '/'))
      .sort()
      .map((path) => readme(root, path)),
  );
}

async function readme(root: string, path: string): Promise<GeneratedFile> {
  const text = readIfThere(join(root, path));
  if (text === undefined) throw new GenerationError(`${path} is missing.`);
  const [place] = unquotedCode(text, path);
  if (place !== undefined) {
    throw new GenerationError(
      `${place}: This code is not compiled. Move it to a file in examples/readme and quote the file: <!-- generated: code readme/… -->, <!-- /generated -->.`,
    );
  }
  return { path, text: await withParts(text, path, (name) => failureKinds(name) ?? quotedCode(root, name)) };
}
