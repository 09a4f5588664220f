const folders: ReadonlySet<string> = new Set(['outputs', 'checkpoints']);

/**
 * Returns the path of a file or folder of a run in its normal form, without empty names and `.`.
 * @throws {RangeError} It leads out of the run's `outputs/` and `checkpoints/`.
 */
export function storedPath(path: string): string {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (path.startsWith('/') || path.includes('\0') || names.includes('..') || !folders.has(names[0] ?? '')) {
    throw new RangeError(
      `${JSON.stringify(path)} is not a path of a run. Use a relative path that begins with outputs/ or checkpoints/, without "..".`,
    );
  }
  return names.join('/');
}

/**
 * Returns the folder name of a run, which is its id.
 * @throws {RangeError} The id is invalid and could lead to another folder.
 */
export function runFolder(run: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(run)) {
    throw new RangeError(`"${run}" cannot be a run's id. Use letters, digits, dots, hyphens, and underscores.`);
  }
  return run;
}
