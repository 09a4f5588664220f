import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createTwoFilesPatch } from 'diff';

export interface GeneratedFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Returns the text of a file, or undefined if it does not exist. */
export async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Returns the files that differ from the disk or do not exist there. */
export async function staleFiles(root: string, files: readonly GeneratedFile[]): Promise<GeneratedFile[]> {
  const texts = await Promise.all(files.map(({ path }) => readIfThere(join(root, path))));
  return files.filter(({ text }, index) => texts[index] !== text);
}

export async function writeFiles(root: string, files: readonly GeneratedFile[]): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** Returns a unified diff from the file on disk to the generated text. */
export async function diffOf(root: string, { path, text }: GeneratedFile): Promise<string> {
  const old = await readIfThere(join(root, path));
  const from = old === undefined ? '/dev/null' : path;
  // Two unrelated texts take minutes to compare, and their diff is useless.
  const patch = createTwoFilesPatch(from, path, old ?? '', text, undefined, undefined, { maxEditLength: 20_000 });
  return patch ?? `--- ${from}\n+++ ${path}\nThe files differ almost everywhere.\n`;
}
