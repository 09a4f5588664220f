import { stat } from 'node:fs/promises';
import { RunStoreError } from './run-store.ts';

const nothingThere: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** What one does about it. The path, and the system's own words, come before. */
const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space on that disk, or keep runs elsewhere with GPU_CLOUDS_RUNS',
  EDQUOT: 'free some of your quota on that disk, or keep runs elsewhere with GPU_CLOUDS_RUNS',
  EACCES: 'let the user of this process read and write there, or keep runs elsewhere with GPU_CLOUDS_RUNS',
  EPERM: 'let the user of this process read and write there, or keep runs elsewhere with GPU_CLOUDS_RUNS',
  EROFS: 'keep runs on a disk that can be written, with GPU_CLOUDS_RUNS',
  EMFILE: 'raise the limit of open files (ulimit -n)',
};

/** Another attempt meets the same: a file where a folder is to be, or the reverse, or a name that the disk does not take. */
const clashes: ReadonlySet<string> = new Set(['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY', 'ENAMETOOLONG', 'EILSEQ']);

/** Does something with a path of the local disk. @throws RunStoreError in place of the system's error */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskFailure(path, error);
  }
}

export function diskFailure(path: string, error: unknown): Error {
  if (!isSystemError(error)) return error instanceof Error ? error : new Error(String(error));
  // `ENOSPC: no space left on device, write`: what the system says, without its code and its call.
  const said = error.message.replace(/^[A-Z0-9]+: /, '').replace(/, [a-z]+( '.*)?$/s, '');
  const remedy = remedies[error.code];
  const message = `${path} cannot be stored or read: ${said}${remedy === undefined ? '' : `; ${remedy}`}.`;
  return new RunStoreError(message, { cause: error, lasting: clashes.has(error.code) });
}

/** Bytes of a file; undefined when there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  return onDisk(path, () =>
    stat(path)
      .then((found) => (found.isFile() ? [found.size] : []))
      .catch(noneIfMissing)
      .then(([size]) => size),
  );
}

/** For `catch`. @throws the error, unless it says that there is nothing */
export function noneIfMissing(error: unknown): [] {
  if (isSystemError(error) && nothingThere.has(error.code)) return [];
  throw error;
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}
