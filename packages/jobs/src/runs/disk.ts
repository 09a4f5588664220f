import { stat } from 'node:fs/promises';
import { RunStoreError } from './run-store.ts';

const notFoundCodes: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

const fileForFolder = 'Remove the file that is in place of a folder, or set GPU_CLOUDS_RUNS to a folder.';

/** The last part of the message: what to do. */
const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some space on the disk, or set GPU_CLOUDS_RUNS to another location.',
  EDQUOT: 'Free some of your quota on the disk, or set GPU_CLOUDS_RUNS to another location.',
  EACCES: 'Give the user of this process read and write access, or set GPU_CLOUDS_RUNS to another location.',
  EPERM: 'Give the user of this process read and write access, or set GPU_CLOUDS_RUNS to another location.',
  EROFS: 'Set GPU_CLOUDS_RUNS to a folder on a writable disk.',
  EEXIST: fileForFolder,
  ENOTDIR: fileForFolder,
  EMFILE: 'Raise the limit of open files (ulimit -n).',
};

/** Errors that a retry cannot fix: a file in place of a folder, a folder in place of a file, or a name that the disk refuses. */
const lastingCodes: ReadonlySet<string> = new Set([
  'EISDIR',
  'ENOTDIR',
  'EEXIST',
  'ENOTEMPTY',
  'ENAMETOOLONG',
  'EILSEQ',
]);

/**
 * Does work with a path on the local disk.
 * @throws {RunStoreError} In place of a system error.
 */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskFailure(path, error);
  }
}

export function diskFailure(path: string, error: unknown): Error {
  if (!isSystemError(error)) return error instanceof Error ? error : new Error(String(error));
  // `ENOSPC: no space left on device, write` without the code and the system call.
  const reason = error.message.replace(/^[A-Z0-9]+: /, '').replace(/, [a-z]+( '.*)?$/s, '');
  const remedy = remedies[error.code];
  const message = `${path} cannot be stored or read: ${reason}.${remedy === undefined ? '' : ` ${remedy}`}`;
  return new RunStoreError(message, { cause: error, lasting: lastingCodes.has(error.code) });
}

/** Returns the size of a file in bytes, or undefined if there is no such file. */
export async function sizeOf(path: string): Promise<number | undefined> {
  return onDisk(path, () =>
    stat(path)
      .then((found) => (found.isFile() ? [found.size] : []))
      .catch(noneIfMissing)
      .then(([size]) => size),
  );
}

/** For `catch`: returns an empty list if the error means that the path does not exist, and throws any other error. */
export function noneIfMissing(error: unknown): [] {
  if (isSystemError(error) && notFoundCodes.has(error.code)) return [];
  throw error;
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}
