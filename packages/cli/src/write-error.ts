import { CliError } from './cli-error.ts';
import { codeOf } from './settings-file.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your quota on the disk is used up',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file is in place of a folder',
  EISDIR: 'it is a folder',
};

/**
 * Returns an error that says why a file cannot be written, or the error itself if it does not come from the disk.
 * @param next What to do, as a sentence.
 */
export function writeError(path: string, error: unknown, next: string): unknown {
  const reason = reasons[codeOf(error)];
  return reason === undefined ? error : new CliError(`Cannot write ${path}: ${reason}. ${next}`, { cause: error });
}
