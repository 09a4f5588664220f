import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What workers used at most. */
export interface ResourceUse {
  /** Memory of the largest worker, in MiB. */
  readonly workerMiB: number;
  /** The largest run in the run store, in MiB. */
  readonly runMiB: number;
  /** Warnings of Node in the logs of the workers. */
  readonly warnings: readonly string[];
}

/** Returns the size of the largest folder in a folder, in MiB. Files that are being removed do not count. */
export async function largestFolderMiB(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map((name) => bytesIn(join(folder, name))));
  return Math.ceil(Math.max(0, ...sizes) / 1024 ** 2);
}

async function bytesIn(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(path, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Returns the kinds of Node's own warnings in the files of a folder, such as a leak of listeners. */
export async function warningsIn(folder: string): Promise<readonly string[]> {
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  const found = texts.flatMap((text) =>
    [...text.matchAll(/\(node:\d+\) (\w*Warning: .{0,80})/g)].map(([, warning = '']) => warning),
  );
  return [...new Set(found.filter((warning) => !warning.startsWith('ExperimentalWarning')))];
}
