import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface GeneratedFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Returns the text of a file, or undefined if it does not exist. */
export function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Whether a file has this text already. */
export function isUnchanged(root: string, { path, text }: GeneratedFile): boolean {
  return readIfThere(join(root, path)) === text;
}

/** Returns the files that differ from the disk or do not exist there. */
export function staleFiles(root: string, files: readonly GeneratedFile[]): GeneratedFile[] {
  return files.filter((file) => !isUnchanged(root, file));
}

export async function writeFiles(root: string, files: readonly GeneratedFile[]): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** Returns a unified diff from the file on disk to the generated text. */
export async function diffOf(root: string, { path, text }: GeneratedFile): Promise<string> {
  const old = readIfThere(join(root, path));
  const { createTwoFilesPatch } = await import('diff');
  const from = old === undefined ? '/dev/null' : path;
  // Two unrelated texts take minutes to compare, and their diff is useless.
  const patch = createTwoFilesPatch(from, path, old ?? '', text, undefined, undefined, { maxEditLength: 20_000 });
  return patch ?? `--- ${from}\n+++ ${path}\nThe files differ almost everywhere.\n`;
}
